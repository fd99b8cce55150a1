import Foundation
import Testing

@testable import PolicyGradient

struct AutoresetTests {
  /// Environments whose observations depend on earlier actions, and whose episodes all end at the same step,
  /// alternately terminated and truncated.
  private struct ScriptedEnvironments {
    private(set) var observations: [Float]
    private var episode = 0
    private var age = 0
    private let length = 4

    init(count: Int) {
      observations = [Float](repeating: 0, count: count)
      start()
    }

    private mutating func start() {
      for index in observations.indices { observations[index] = Float(sin(Double(episode * 7 + index))) }
      age = 0
    }

    mutating func restart() {
      episode += 1
      start()
    }

    mutating func step(_ actions: [Float]) -> (rewards: [Float], terminated: Bool, truncated: Bool) {
      age += 1
      var rewards: [Float] = []
      for index in observations.indices {
        rewards.append(observations[index] * (actions[index] - 0.5))
        observations[index] = 0.5 * observations[index] + actions[index] - 0.25
      }
      return (rewards, age == length && episode % 2 == 0, age == length && episode % 2 == 1)
    }
  }

  private func configuration(
    _ algorithm: AlgorithmKind, _ mode: AgentConfiguration.AutoresetMode, count: Int
  ) -> AgentConfiguration {
    var configuration = AgentConfiguration(algorithm)
    configuration.environments = count
    configuration.autoresetMode = mode
    configuration.steps = algorithm == .reinforce ? 0 : 6
    configuration.batchSize = 3
    configuration.epochs = 2
    configuration.episodes = 2
    configuration.hasBaseline = algorithm == .reinforce
    return configuration
  }

  @Test(arguments: AlgorithmKind.allCases, [1, 3])
  func bothModesLearnTheSame(algorithm: AlgorithmKind, count: Int) throws {
    let sameStep = try train(algorithm, .sameStep, count: count)
    let nextStep = try train(algorithm, .nextStep, count: count)
    #expect(sameStep == nextStep)
    #expect(Set(sameStep).count == sameStep.count)
  }

  /// The parameters' bits after each of some updates.
  private func train(
    _ algorithm: AlgorithmKind, _ mode: AgentConfiguration.AutoresetMode, count: Int
  ) throws -> [[UInt32]] {
    let policy = try randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [5], seed: 4)
    let harness = try AgentHarness(policy, configuration(algorithm, mode, count: count))
    var env = ScriptedEnvironments(count: count)
    try harness.begin(env.observations)
    var bits: [[UInt32]] = []
    while bits.count < 5 {
      let (rewards, terminated, truncated) = env.step(try harness.act())
      let flags = (
        [UInt8](repeating: terminated ? 1 : 0, count: count), [UInt8](repeating: truncated ? 1 : 0, count: count)
      )
      let last = env.observations
      let hasEnded = terminated || truncated
      if hasEnded { env.restart() }
      let next = hasEnded && mode == .nextStep ? last : env.observations
      var learned = try harness.observe(
        rewards: rewards, terminated: flags.0, truncated: flags.1, next: next,
        final: mode == .sameStep && hasEnded ? last : nil)
      if learned { bits.append(harness.parameterBits) }
      guard hasEnded, mode == .nextStep else { continue }
      // The step that only restarts: its action and its reward mean nothing.
      try harness.act()
      learned = try harness.observe(
        rewards: [Float](repeating: 1_000, count: count), next: env.observations)
      #expect(!learned)
    }
    return bits
  }

  @Test func aResetDuringAnotherEnvironmentsStepIsExcluded() throws {
    let policy = try randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [], seed: 4)
    let harness = try AgentHarness(policy, configuration(.a2c, .nextStep, count: 2))
    try harness.begin([1, 2])
    try harness.act()
    try harness.observe(rewards: [1, 1], terminated: [0, 1], next: [3, 4])
    try harness.act()
    // Of an environment that resets, only the observation is read.
    try harness.observe(rewards: [1, .nan], terminated: [0, 9], truncated: [0, 1], next: [5, 6])
    try harness.act()
    try harness.observe(rewards: [1, 1], next: [7, 8])
    let rollout = harness.agent.rollout
    #expect(rollout.steps == 3)
    #expect(Array(rollout.episodeSteps.array[..<6]) == [0, 0, 1, -1, 2, 0])
    #expect(Array(rollout.rewards.array[..<6]) == [1, 1, 1, 0, 1, 1])
    #expect(Array(rollout.terminated.array[..<6]) == [0, 1, 0, 0, 0, 0])
    #expect(Array(rollout.observations.array[..<8]) == [1, 2, 3, 4, 5, 6, 7, 8])
    // The restart is no step of the environment's.
    #expect(harness.agent.statistics.timesteps == 5 && harness.agent.statistics.episodes == 1)
  }

  @Test func truncationContinuesWithTheLastObservationsValueInBothModes() throws {
    for mode in [AgentConfiguration.AutoresetMode.sameStep, .nextStep] {
      let policy = try randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [6], seed: 4)
      let harness = try AgentHarness(policy, configuration(.a2c, mode, count: 1))
      try harness.begin([1])
      try harness.act()
      try harness.observe(rewards: [1], truncated: [1], next: mode == .sameStep ? [9] : [2], final: [2])
      #expect(harness.agent.rollout.finalValues.pointer[0] == (try policy.values([2], rows: 1)[0]))
      #expect(harness.agent.rollout.truncated.pointer[0] == 1)
    }
  }
}
