import PolicyGradient
import Testing

@testable import Oracle

struct MDPEnvironmentTests {
  @Test func stepsAreDrawnFromTheTable() throws {
    // 4,000 chains in state 0 that try to go: 3,600 should, give or take 4 standard deviations of √(4000 · 0.9 · 0.1) =
    // 19.
    let mdp = try StandardMDP.chain.make(gamma: 0.5, horizon: 0)
    let harness = try EnvironmentHarness(MDPEnvironment(mdp, count: 4_000))
    try harness.environment.reset(seed: 1)
    #expect(harness.states.allSatisfy { $0 == 0 })
    try harness.step(Array(repeating: 1, count: 4_000))
    #expect(abs(harness.states.reduce(0, +) - 3_600) < 76)
    #expect(harness.rewards.array.allSatisfy { $0 == -0.1 } && harness.terminated.array.allSatisfy { $0 == 0 })
    let first = Array(harness.nextObservations.array[..<2])
    #expect(first == (harness.states[0] == 0 ? [1, 0] : [0, 1]))
  }

  @Test func episodesEndInTerminalStatesAndAtTheHorizon() throws {
    let bandit = try EnvironmentHarness(MDPEnvironment(StandardMDP.bandit.make(gamma: 1, horizon: 0), count: 2_000))
    try bandit.environment.reset(seed: 2)
    try bandit.step(Array(repeating: 2, count: 2_000))
    #expect(bandit.terminated.array.allSatisfy { $0 == 1 } && bandit.truncated.array.allSatisfy { $0 == 0 })
    // The arm pays 1 in 80 of 100: 1,600 ± 4 · √(2000 · 0.8 · 0.2).
    #expect(abs(bandit.rewards.array.reduce(0, +) - 1_600) < 72)
    for row in 0..<3 {
      #expect(bandit.finalObservations.array[3 * row + 1 + Int(bandit.rewards.array[row])] == 1)
      #expect(bandit.nextObservations.array[3 * row] == 1)
    }
    let chain = try EnvironmentHarness(MDPEnvironment(StandardMDP.chain.make(gamma: 1, horizon: 3), count: 1))
    try chain.environment.reset(seed: 0)
    let ends = try (0..<7).map { _ in
      try chain.step([0])
      return chain.terminated.array[0]
    }
    #expect(ends == [0, 0, 1, 0, 0, 1, 0])
  }

  @Test func statesCanBeSetAndTerminalOnesCannot() throws {
    let harness = try EnvironmentHarness(MDPEnvironment(StandardMDP.bandit.make(gamma: 1, horizon: 0), count: 2))
    try harness.setStates([0, 0])
    #expect(harness.states == [0, 0])
    for bad in [1.0, 0.5, -1, 3, .nan] {
      #expect(refusal { try harness.setStates([0, bad]) }?.message.hasPrefix("states[1, 0] is \(bad)") == true)
    }
  }

  @Test func anEpisodeOfATabularMDPBeginsWhereItsGroupDoes() throws {
    let mdp = try makeGarnet(states: 50, actions: 2, branching: 3, seed: 1, gamma: 0.9, horizon: 5)
    let environment = try MDPEnvironment(mdp, count: 4)
    let harness = try EnvironmentHarness(environment)
    environment.reset(seed: 5, groupSize: 2)
    for _ in 0..<3 {
      #expect(harness.states[0] == harness.states[1] && harness.states[2] == harness.states[3])
      #expect(harness.states[0] != harness.states[2])
      for _ in 0..<5 { try harness.step([0, 1, 1, 0]) }
    }
  }

  @Test func anAgentLearnsTheBanditsBestArm() throws {
    let mdp = try StandardMDP.bandit.make(gamma: 1, horizon: 0)
    let policy = try scrambledPolicy(for: mdp, spread: 0)
    var configuration = AgentConfiguration(.reinforce)
    configuration.environments = 8
    configuration.episodes = 4
    configuration.learningRate = 0.1
    let agent = try Agent(policy, configuration)
    try agent.train(in: MDPEnvironment(mdp, count: 8), timesteps: 8_000) { _ in true }
    #expect(try TabularPolicy(policy, in: mdp).probabilities[2] > 0.9)
  }

  @Test func jointActionsAreNumberedWithTheFirstPartCountingMost() throws {
    let choices = try JointChoices([ActionPart(.categorical, size: 2), ActionPart(.categorical, size: 3)], count: 6)
    var columns: [Float] = [0, 0]
    for action in 0..<6 {
      choices.encode(action, into: &columns)
      #expect(columns == [Float(action / 3), Float(action % 3)] && choices.decode(columns) == action)
    }
  }
}
