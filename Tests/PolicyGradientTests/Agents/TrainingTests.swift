import Foundation
import Testing

@testable import PolicyGradient

/// The loop inside the library: where it ends, and that neither pauses, files nor threads change a bit of what is
/// learned.
struct TrainingTests {
  struct Run: CustomTestStringConvertible, Sendable {
    let name: String
    let configuration: AgentConfiguration
    let half: Int64
    var testDescription: String { name }
  }

  /// Halves of the training end where a rollout does.
  static var runs: [Run] {
    var ppo = AgentConfiguration(.ppo)
    ppo.environments = 4
    ppo.steps = 64
    ppo.epochs = 2
    ppo.learningRateSchedule = .linear
    ppo.clipRangeSchedule = .linear
    ppo.totalTimesteps = 2_048
    var a2c = AgentConfiguration(.a2c)
    a2c.environments = 3
    var reinforce = AgentConfiguration(.reinforce)
    reinforce.environments = 2
    reinforce.episodes = 3
    reinforce.hasBaseline = true
    var groups = AgentConfiguration(.reinforce)
    groups.environments = 4
    groups.groupSize = 2
    groups.episodes = 2
    groups.estimator = .leaveOneOut
    var trpo = AgentConfiguration(.trpo)
    trpo.environments = 4
    trpo.steps = 128
    trpo.epochs = 3
    trpo.learningRateSchedule = .cosine
    trpo.totalTimesteps = 2_048
    var npg = AgentConfiguration(.npg)
    npg.environments = 2
    npg.steps = 128
    npg.normalizesObservations = true
    npg.normalizesRewards = true
    return [
      Run(name: "PPO with linear schedules", configuration: ppo, half: 1_024),
      Run(name: "A2C", configuration: a2c, half: 150),
      Run(name: "REINFORCE with a baseline", configuration: reinforce, half: 300),
      Run(name: "REINFORCE in groups", configuration: groups, half: 300),
      Run(name: "TRPO with a schedule", configuration: trpo, half: 1_024),
      Run(name: "NPG of normalised observations", configuration: npg, half: 600),
    ]
  }

  private func agent(_ configuration: AgentConfiguration, hidden: [Int] = [16]) throws -> Agent {
    var policy = PolicyConfiguration(observationSize: 4, parts: [ActionPart(.categorical, size: 2)])
    policy.hiddenSizes = hidden
    return try Agent(Policy(policy), configuration)
  }

  private func environment(_ agent: Agent) throws -> any VectorEnvironment {
    try makeEnvironment(named: "CartPole-v1", count: agent.configuration.environments)
  }

  private func bits(_ agent: Agent) -> [[UInt32]] {
    [agent.policy.parameters.array.map(\.bitPattern)]
      + agent.learner.optimizer.rule.state.map { $0.values.array.map(\.bitPattern) }
  }

  @Test(arguments: runs)
  func aPauseChangesNothing(run: Run) throws {
    let whole = try agent(run.configuration)
    let env = try environment(whole)
    let first = try train(whole, env, run.half)
    // The length of the second half depends on where a rollout of whole episodes ended.
    let second = try train(whole, env, run.half)

    let straight = try agent(run.configuration)
    _ = try train(straight, environment(straight), first + second)
    #expect(bits(whole) == bits(straight))
    #expect(whole.statistics.timesteps == straight.statistics.timesteps)
    #expect(whole.statistics.episodes == straight.statistics.episodes)
    #expect(whole.statistics.meanReturn == straight.statistics.meanReturn)
  }

  @Test(arguments: runs)
  func aFileChangesNothing(run: Run) throws {
    let whole = try agent(run.configuration)
    let itsWorld = try environment(whole)
    _ = try train(whole, itsWorld, run.half)
    _ = try train(whole, itsWorld, run.half)

    let folder = try TemporaryFolder()
    let before = try agent(run.configuration)
    let env = try environment(before)
    _ = try train(before, env, run.half)
    try before.save(folder.path("agent"))
    let after = try Agent.load(folder.path("agent"))
    #expect(bits(after) == bits(before))
    _ = try train(after, env, run.half)
    #expect(bits(after) == bits(whole))
    #expect(after.statistics.timesteps == whole.statistics.timesteps)
    #expect(after.statistics.updates == whole.statistics.updates)
    #expect(after.statistics.episodes == whole.statistics.episodes)
    #expect(after.statistics.meanReturn == whole.statistics.meanReturn)
    #expect(after.statistics.meanLength == whole.statistics.meanLength)
  }

  @Test(arguments: [AlgorithmKind.ppo, .trpo], [8, 40, 125, 200, 1_000])
  func anyNumberOfThreadsLearnsTheSameBits(algorithm: AlgorithmKind, batch: Int) throws {
    var results: [[[UInt32]]] = []
    for threads in [1, 2, 3, 8] {
      var configuration = AgentConfiguration(algorithm)
      configuration.environments = 8
      configuration.steps = 125
      configuration.batchSize = batch
      configuration.epochs = 2
      configuration.threads = threads
      let agent = try agent(configuration, hidden: [32, 32])
      _ = try train(agent, environment(agent), 2_000)
      results.append(bits(agent))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func trainingEndsWithTheRolloutThatReachesTheSteps() throws {
    let agent = try agent(TrainingTests.runs[1].configuration)
    let env = try environment(agent)
    // Rollouts of 3 × 5 steps.
    #expect(try train(agent, env, 1) == 15)
    #expect(try train(agent, env, 16) == 30)
    #expect(agent.statistics.updates == 3 && agent.statistics.timesteps == 45)
  }

  @Test func progressEndsTheTrainingAfterAnUpdate() throws {
    let agent = try agent(TrainingTests.runs[1].configuration)
    var calls: Int64 = 0
    try agent.train(in: environment(agent), timesteps: 10_000) { statistics in
      calls += 1
      #expect(statistics.updates == calls)
      return calls < 4
    }
    #expect(calls == 4 && agent.statistics.timesteps == 60)
  }

  @Test func schedulesEndWithTheTrainingAndAreConstantAfterwards() throws {
    var configuration = TrainingTests.runs[1].configuration
    configuration.learningRateSchedule = .linear
    let agent = try agent(configuration)
    let env = try environment(agent)
    var rates: [Double] = []
    try agent.train(in: env, timesteps: 30) {
      rates.append($0.update.learningRate)
      return true
    }
    // Rollouts of 15 steps begin at 0 and 15 of 30.
    #expect(isNear(rates, [7e-4, 3.5e-4], within: 1e-15))

    let harness = AgentHarness(agent)
    var learned = false
    while !learned {
      try harness.act()
      learned = try harness.observe(rewards: [1, 1, 1], next: [Float](repeating: 0.1, count: 12))
    }
    #expect(agent.statistics.update.learningRate == 7e-4)
  }

  @Test func anEnvironmentThatDoesNotFitIsRefused() throws {
    let agent = try agent(TrainingTests.runs[1].configuration)
    func refused(_ name: String, _ count: Int) -> String? {
      refusal { _ = try train(agent, makeEnvironment(named: name, count: count), 10) }?.message
    }
    #expect(refused("CartPole-v1", 2) == "env.n_envs is 2; it must be the agent's n_envs, 3")
    #expect(refused("Pendulum-v1", 3) == "env.observation_size is 3; it must be the policy's, 4")
    #expect(refusal { _ = try train(agent, environment(agent), 0) }?.reason == .invalidArgument)
    #expect(refusal { _ = try train(agent, environment(agent), .max) }?.reason == .invalidArgument)
    var nextStep = agent.configuration
    nextStep.autoresetMode = .nextStep
    let other = try self.agent(nextStep)
    #expect(refusal { _ = try train(other, environment(other), 10) }?.reason == .invalidArgument)
  }

  /// How many steps were taken.
  @discardableResult
  private func train(_ agent: Agent, _ env: any VectorEnvironment, _ steps: Int64) throws -> Int64 {
    let before = agent.statistics.timesteps
    try agent.train(in: env, timesteps: steps) { _ in true }
    return agent.statistics.timesteps - before
  }
}
