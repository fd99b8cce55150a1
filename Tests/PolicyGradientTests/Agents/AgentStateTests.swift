import Testing

@testable import PolicyGradient

/// What an agent may be asked when, and what it refuses to take in.
struct AgentStateTests {
  private func harness(
    _ algorithm: AlgorithmKind = .a2c, environments: Int = 2,
    _ change: (inout AgentConfiguration) -> Void = { _ in }
  ) throws -> AgentHarness {
    var configuration = AgentConfiguration(algorithm)
    configuration.environments = environments
    change(&configuration)
    return try AgentHarness(randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [4], seed: 1), configuration)
  }

  @Test func actAndObserveAlternateAfterBegin() throws {
    let harness = try harness()
    #expect(refusal { try harness.act() } == Refusal(.badState, "act was called before begin; call begin first"))
    #expect(refusal { try harness.observe(rewards: [0, 0], next: [1, 2]) }?.reason == .badState)
    try harness.begin([1, 2])
    #expect(
      refusal { try harness.observe(rewards: [0, 0], next: [1, 2]) }
        == Refusal(.badState, "observe was called before act; call act first"))
    try harness.act()
    #expect(refusal { try harness.act() } == Refusal(.badState, "act was called twice; call observe between"))
    try harness.observe(rewards: [0, 0], next: [1, 2])
    try harness.act()
  }

  @Test func whatIsRefusedCanBeSaidAgain() throws {
    let harness = try harness()
    try harness.begin([1, 2])
    try harness.act()
    #expect(
      refusal { try harness.observe(rewards: [0, .nan], next: [1, 2]) }
        == Refusal(.notFinite, "rewards[1] is nan; it must be finite", row: 1))
    #expect(
      refusal { try harness.observe(rewards: [0, 0], next: [1, .infinity]) }
        == Refusal(.notFinite, "next_observations[1] is inf; it must be finite", row: 1))
    #expect(
      refusal { try harness.observe(rewards: [0, 0], terminated: [0, 2], next: [1, 2]) }?.reason == .invalidArgument)
    #expect(
      refusal { try harness.observe(rewards: [0, 0], truncated: [9, 0], next: [1, 2]) }?.reason == .invalidArgument)
    #expect(
      refusal { try harness.observe(rewards: [0, 0], truncated: [1, 0], next: [1, 2]) }?.message
        == "final_observations is NULL, but truncated[0] is 1; give the episode's last observation, which needs a value"
    )
    #expect(
      refusal { try harness.observe(rewards: [0, 0], truncated: [0, 1], next: [1, 2], final: [0, .nan]) }?.message
        == "final_observations[1] is nan; it must be finite")
    #expect(harness.agent.statistics.timesteps == 0)
    // Rows of episodes that go on are not read.
    try harness.observe(rewards: [0, 0], truncated: [1, 0], next: [1, 2], final: [3, .nan])
    #expect(harness.agent.statistics.timesteps == 2 && harness.agent.statistics.episodes == 1)
  }

  @Test func aTerminatedEpisodeNeedsNoFinalObservation() throws {
    let harness = try harness()
    try harness.begin([1, 2])
    try harness.act()
    try harness.observe(rewards: [0, 0], terminated: [1, 1], truncated: [0, 1], next: [1, 2])
    #expect(harness.agent.statistics.episodes == 2)
  }

  @Test func withoutValuesATruncatedEpisodeNeedsNoFinalObservation() throws {
    let harness = try harness(.reinforce)
    try harness.begin([1, 2])
    try harness.act()
    try harness.observe(rewards: [0, 0], truncated: [1, 1], next: [1, 2])
    #expect(harness.agent.statistics.episodes == 2)
  }

  @Test func firstObservationsMustBeFinite() throws {
    let harness = try harness()
    #expect(
      refusal { try harness.begin([1, .nan]) }
        == Refusal(.notFinite, "observations[1] is nan; it must be finite", row: 1))
    #expect(refusal { try harness.act() }?.reason == .badState)
  }

  @Test func beginForgetsAnUnfinishedRollout() throws {
    let (one, other) = (try harness(), try harness())
    try one.begin([1, 2])
    try one.act()
    try one.observe(rewards: [5, 5], terminated: [0, 1], next: [7, 8])
    try one.act()
    // Draws are keyed by the steps that were observed; the other agent's first step replaces the discarded one.
    try other.begin([0, 0])
    try other.act()
    try other.observe(rewards: [0, 0], next: [0, 0])
    for harness in [one, other] {
      try harness.begin([3, 4])
      var learned = false
      var step: Float = 0
      while !learned {
        try harness.act()
        learned = try harness.observe(rewards: [step, 1 - step], next: [step, -step])
        step += 1
      }
      #expect(step == 5)
    }
    #expect(one.parameterBits == other.parameterBits)
  }

  @Test func boundsOfContinuousColumnsApplyToTheEnvironmentAndNotToLearning() throws {
    let policy = try randomPolicy(1, [ActionPart(.gaussian, size: 4, low: -0.25, high: 0.5)], hidden: [], seed: 3)
    let harness = try AgentHarness(policy, AgentConfiguration(.a2c))
    try harness.begin([1])
    let given = try harness.act()
    let drawn = Array(harness.agent.rollout.draws.array[..<4])
    #expect(given == drawn.map { min(max($0, -0.25), 0.5) })
    #expect(given != drawn)
    #expect(
      try policy.logProbabilities([1], drawn, rows: 1)[0].bitPattern
        == harness.agent.rollout.logProbabilities.pointer[0].bitPattern)
  }

  @Test(arguments: AlgorithmKind.allCases)
  func anUpdateThatWouldNotBeFiniteIsGivenUp(algorithm: AlgorithmKind) throws {
    let harness = try harness(algorithm) {
      $0.steps = algorithm == .reinforce ? 0 : 2
      $0.episodes = 1
      $0.batchSize = 2
      if algorithm == .reinforce { $0.gamma = 1 }
    }
    try learn(harness, reward: 1)
    let (before, state) = (harness.parameterBits, optimizerBits(harness))
    let updates = harness.agent.statistics.updates

    // 3e38 + 3e38 overflows single precision, and so does the square of a value's error.
    #expect(refusal { try learn(harness, reward: 3e38) }?.reason == .notFinite)
    #expect(harness.parameterBits == before)
    #expect(optimizerBits(harness) == state)
    #expect(harness.agent.statistics.updates == updates)

    try learn(harness, reward: -1)
    #expect(harness.parameterBits != before)
    #expect(harness.agent.statistics.updates == updates + 1)
  }

  /// Two steps of two environments, which fill a rollout.
  private func learn(_ harness: AgentHarness, reward: Float) throws {
    try harness.begin([0.5, -1])
    try harness.act()
    try harness.observe(rewards: [reward, -reward], next: [0.25, 2])
    try harness.act()
    let learned = try harness.observe(rewards: [reward, reward], terminated: [1, 1], next: [0.5, -1])
    #expect(learned)
  }

  private func optimizerBits(_ harness: AgentHarness) -> [[UInt32]] {
    let optimizer = harness.agent.learner.optimizer
    return optimizer.rule.state.map { $0.values.array.map(\.bitPattern) } + [[UInt32(optimizer.steps)]]
  }

  @Test func contradictionsAreRefusedAtCreation() throws {
    func refused(_ algorithm: AlgorithmKind, _ change: (inout AgentConfiguration) -> Void) -> String? {
      refusal { _ = try harness(algorithm, change) }?.message
    }
    #expect(refused(.ppo) { $0.environments = 0 } == "n_envs is 0; it must lie in [1, 1048576]")
    #expect(refused(.ppo) { $0.steps = 0 } != nil)
    #expect(
      refused(.ppo) { $0.batchSize = 4_097 }
        == "batch_size (with n_steps × n_envs = 4096) is 4097; it must lie in [1, 4096]")
    #expect(
      refused(.ppo) { $0.batchSize = 100 }
        == "batch_size (with n_steps × n_envs = 4096) is 100; it must divide n_steps × n_envs, as 64 and 128 do")
    #expect(
      refused(.trpo) { $0.batchSize = 4_095 }
        == "batch_size (with n_steps × n_envs = 4096) is 4095; it must divide n_steps × n_envs, as 2048 and 4096 do")
    #expect(refused(.ppo) { $0.batchSize = 1 } == nil)
    #expect(refused(.ppo) { $0.batchSize = 4_096 } == nil)
    #expect(refused(.a2c) { $0.batchSize = 4_097 } == nil)
    #expect(refused(.ppo) { $0.epochs = 0 } != nil)
    #expect(refused(.ppo) { $0.gamma = 1.5 } == "gamma is 1.5; it must lie in [0.0, 1.0]")
    #expect(refused(.ppo) { $0.gamma = .nan } != nil)
    #expect(refused(.ppo) { $0.gaeLambda = -0.1 } != nil)
    #expect(refused(.ppo) { $0.clipRange = 0 } != nil)
    #expect(refused(.ppo) { $0.clipRangeValue = -1 } != nil)
    #expect(refused(.ppo) { $0.entropyCoefficient = .infinity } != nil)
    #expect(refused(.ppo) { $0.valueCoefficient = .nan } != nil)
    #expect(refused(.ppo) { $0.targetKL = -1 } != nil)
    #expect(
      refused(.ppo) { $0.optimizerEpsilon = 1e-60 }
        == "optimizer_epsilon is 1e-60; it must be above 0, also when rounded to a float")
    #expect(refused(.ppo) { $0.threads = 257 } == "threads is 257; it must lie in [0, 256]")
    #expect(refused(.ppo) { $0.totalTimesteps = -1 } != nil)
    #expect(refused(.ppo) { $0.estimator = .rewardToGo } != nil)
    #expect(refused(.a2c) { $0.hasBaseline = true } != nil)
    #expect(refused(.reinforce) { $0.episodes = 0 } != nil)
    #expect(refused(.reinforce) { $0.steps = -1 } != nil)
    #expect(refused(.ppo) { $0.steps = Limits.rows } != nil)
  }

  @Test func estimatorsThatNeedValuesAreRefusedWithoutAValueFunction() throws {
    let policy = try randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [], seed: 1, hasValueFunction: false)
    for algorithm in AlgorithmKind.allCases {
      let refused = refusal { _ = try Agent(policy, AgentConfiguration(algorithm)) }
      #expect((refused == nil) == (algorithm == .reinforce))
    }
    var configuration = AgentConfiguration(.reinforce)
    configuration.hasBaseline = true
    #expect(
      refusal { _ = try Agent(policy, configuration) }?.message
        == "baseline is 1, which needs a value function; create the policy with value_function = 1")
  }
}
