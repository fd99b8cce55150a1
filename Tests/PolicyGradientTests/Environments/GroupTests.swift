import Testing

@testable import PolicyGradient

/// Trajectories that are compared with each other begin in one state.
struct GroupTests {
  @Test(arguments: ["CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCar-v0", "MountainCarContinuous-v0"])
  func aGroupsEpisodesBeginInOneState(name: String) throws {
    let harness = try EnvironmentHarness(name, count: 6)
    try harness.environment.reset(seed: 3, groupSize: 3)
    let starts = rows(harness.states, of: 6)
    #expect(starts[0] == starts[1] && starts[1] == starts[2])
    #expect(starts[3] == starts[4] && starts[4] == starts[5])
    #expect(starts[0] != starts[3])
    try harness.environment.reset(seed: 3)
    #expect(Set(rows(harness.states, of: 6)).count == 6)
  }

  @Test func aGroupsLaterEpisodesBeginInOneStateToo() throws {
    let record = try Record(makeEnvironment(named: "CartPole-v1", count: 6))
    var configuration = configuration
    configuration.environments = 6
    configuration.groupSize = 3
    configuration.episodes = 4
    let agent = try agent(configuration)
    try agent.train(in: record, timesteps: 1_500) { _ in true }
    let updates = Int(agent.statistics.updates)
    #expect(updates >= 3)
    // No further rollout begins before training continues.
    #expect(record.rollouts.count == updates)
    for rollout in record.rollouts {
      for episode in 0..<4 {
        let starts = rollout.map { $0[episode] }
        #expect(starts[0] == starts[1] && starts[1] == starts[2])
        #expect(starts[3] == starts[4] && starts[4] == starts[5])
        #expect(starts[0] != starts[3])
      }
    }
    #expect(Set(record.rollouts.map { $0[0][0] }).count == updates)
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    func refused(_ change: (inout AgentConfiguration) -> Void) -> String? {
      var configuration = configuration
      change(&configuration)
      return refusal { _ = try agent(configuration) }?.message
    }
    #expect(refused { _ in } == nil)
    #expect(
      refused { $0.environments = 1 }
        == "n_envs is 1; it must be at least 2 for an estimator that compares trajectories")
    #expect(
      refused { $0.groupSize = 3 }
        == "group_size is 3; it must be at least 2 and divide n_envs, 8, or 0 for one group of all")
    #expect(refused { $0.groupSize = 1 } != nil)
    #expect(
      refused { $0.hasBaseline = true }
        == "baseline is 1; it must be 0 for an estimator whose baseline comes from a group")
    #expect(
      refused {
        $0.estimator = .rewardToGo
        $0.groupSize = 2
      } == "group_size is 2; it must be 0 unless the estimator compares trajectories of a group")
  }

  // MARK: Support

  private var configuration: AgentConfiguration {
    var configuration = AgentConfiguration(.reinforce)
    configuration.environments = 8
    configuration.estimator = .leaveOneOut
    return configuration
  }

  private func agent(_ configuration: AgentConfiguration) throws -> Agent {
    var policy = PolicyConfiguration(observationSize: 4, parts: [ActionPart(.categorical, size: 2)])
    policy.hiddenSizes = [8]
    return try Agent(Policy(policy), configuration)
  }

  /// An environment that notes the first observation of every episode, by reset, environment and episode.
  private final class Record: VectorEnvironment {
    let use = EnvironmentUse()
    private(set) var rollouts: [[[[Float]]]] = []
    private let env: any VectorEnvironment

    init(_ env: any VectorEnvironment) { self.env = env }

    var count: Int { env.count }
    var observationSize: Int { env.observationSize }
    var parts: [ActionPart] { env.parts }
    var maxEpisodeSteps: Int? { env.maxEpisodeSteps }
    var observations: UnsafePointer<Float>? { env.observations }

    func reset(seed: UInt64, groupSize: Int) throws(Refusal) {
      try env.reset(seed: seed, groupSize: groupSize)
      rollouts.append(shown.map { [$0] })
    }

    func step(_ actions: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal) {
      try env.step(actions, into: outputs)
      for (index, observation) in shown.enumerated() where outputs.terminated[index] | outputs.truncated[index] == 1 {
        rollouts[rollouts.count - 1][index].append(observation)
      }
    }

    private var shown: [[Float]] {
      guard let observations else { return [] }
      return rows(Array(UnsafeBufferPointer(start: observations, count: count * observationSize)), of: count)
    }
  }
}

/// A matrix's rows.
private func rows<Element>(_ matrix: [Element], of count: Int) -> [[Element]] {
  let width = matrix.count / count
  return (0..<count).map { Array(matrix[$0 * width..<($0 + 1) * width]) }
}
