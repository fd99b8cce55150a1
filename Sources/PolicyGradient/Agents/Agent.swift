/// Draws actions from a policy, stores the results in a rollout, and learns whenever the rollout is full.
package final class Agent {
  package let policy: Policy
  package let configuration: AgentConfiguration

  let learner: Learner
  /// The rollout that is being collected.
  var rollout: Rollout
  /// If updates are not made at once: the rollout of the unfinished update, or the next one.
  var secondRollout: Rollout?
  /// The thread of the unfinished update, if it is made in the background.
  var background: BackgroundUpdate?
  let rewardNormalizer: RewardNormalizer?
  /// The last observations as the environment gave them; the rollout holds them normalised.
  let rawObservations: Buffer<Float>
  /// Scratch for normalised observations, one row for each environment.
  let normalizedObservations: Buffer<Float>
  let parallelPolicy: ParallelPolicy
  /// The processes that learn together with this one.
  package let ranks: Ranks
  let memory: AgentMemory
  let space: ActionSpace
  var quota: EpisodeQuota?
  /// Keeps rollouts for a learner elsewhere; `nil` if the agent learns from its own.
  var gathered: GatheredRollout?
  /// Rollouts that it has completed.
  var gatheredRollouts: UInt64 = 0
  var phase = Phase.new
  /// Whether ``train(in:timesteps:progress:)`` has moved an environment.
  var hasTrained = false
  let clock: Clock

  var progress: AgentProgress
  var lastUpdate = UpdateStatistics()

  /// Which call the agent expects next: `begin`, `act` or `observe`.
  enum Phase { case new, acting, observing }

  package init(_ policy: Policy, _ configuration: AgentConfiguration) throws(Refusal) {
    try configuration.validate(for: policy)
    self.policy = policy
    self.configuration = configuration
    space = policy.space
    let isEpisodic = configuration.algorithm.collection == .trajectories
    let steps = isEpisodic ? Agent.initialCapacity(configuration) : configuration.steps
    rollout = try Rollout(policy, configuration, steps: steps)
    secondRollout = configuration.updateMode == .atOnce ? nil : try Rollout(policy, configuration, steps: steps)
    let rows = steps * configuration.environments
    let threads = configuration.workers(for: policy, rows: rows)
    let workers = WorkerPool(threads: threads)
    let learning = try ParallelPolicy(policy, workers, rows: rows)
    // While an update is made in the background, the agent acts on threads and memory of its own.
    parallelPolicy =
      configuration.updateMode == .inBackground
      ? try ParallelPolicy(policy, WorkerPool(threads: threads), rows: configuration.environments) : learning
    ranks = Ranks()
    learner = try Learner(policy, configuration, workers, learning, ranks, rollout)
    if isEpisodic { quota = EpisodeQuota(target: configuration.episodes, environments: configuration.environments) }
    memory = try AgentMemory(environments: configuration.environments, stateSize: policy.stateSize)
    rawObservations = try Buffer(count: configuration.environments * policy.observationSize)
    normalizedObservations = try Buffer(count: rawObservations.count)
    rewardNormalizer =
      configuration.normalizesRewards
      ? try RewardNormalizer(
        environments: configuration.environments, gamma: configuration.gamma, limit: configuration.rewardClip) : nil
    progress = AgentProgress(environments: configuration.environments, window: configuration.statisticsWindow)
    progress.scheduleEnd = configuration.totalTimesteps
    clock = Clock()
    if configuration.normalizesObservations { try policy.normalizeObservations(limit: configuration.observationClip) }
  }

  /// An agent that records a given rollout for another: it shares the other's policy, learner and moments, and has
  /// counters and a rollout of its own.
  init(recorderFor agent: Agent, steps: Int) throws(Refusal) {
    policy = agent.policy
    configuration = agent.configuration
    learner = agent.learner
    parallelPolicy = agent.parallelPolicy
    ranks = agent.ranks
    space = agent.space
    clock = agent.clock
    let count = configuration.environments
    rollout = try Rollout(policy, configuration, steps: steps)
    if agent.quota != nil { quota = EpisodeQuota(target: configuration.episodes, environments: count) }
    memory = try AgentMemory(environments: count, stateSize: policy.stateSize)
    rawObservations = try Buffer(count: count * policy.observationSize)
    normalizedObservations = try Buffer(count: rawObservations.count)
    rewardNormalizer = try agent.rewardNormalizer.map { shared throws(Refusal) in
      try RewardNormalizer(sharingMomentsOf: shared)
    }
    progress = AgentProgress(environments: count, window: configuration.statisticsWindow)
  }

  deinit {
    if secondRollout != nil { abandonUpdate() }
  }

  /// Steps for which a rollout of whole trajectories has room at first. It grows when trajectories are longer.
  private static func initialCapacity(_ configuration: AgentConfiguration) -> Int {
    min(1_024, Limits.rows / configuration.environments)
  }

  // MARK: Act

  /// Starts from the first observation of every environment, environments × observation size. Clears the rollout.
  package func begin(_ observations: UnsafePointer<Float>) throws(Refusal) {
    try restart(from: observations)
    clock.restart(at: progress.timesteps)
  }

  /// ``begin(_:)`` without a restart of the clock.
  func restart(from observations: UnsafePointer<Float>) throws(Refusal) {
    try policy.check(observations: observations, rows: configuration.environments, "observations")
    rollout.restart()
    progress.begin()
    rewardNormalizer?.begin()
    gathered?.restart()
    receiveObservations(observations)
    quota?.restart { _ in true }
    phase = .acting
  }

  /// Sets the timestep at which schedules end, counted from the agent's first; 0 for no end.
  package func setTotalTimesteps(_ count: Int64) throws(Refusal) {
    try require(count, in: 0...Int64.max, "total_timesteps")
    progress.scheduleEnd = count
  }

  /// Sets the learning rate of the next updates, in place of the configuration's and its schedule. Checkpoints
  /// hold it, other files do not.
  package func setLearningRate(_ learningRate: Double) throws(Refusal) {
    try requireNonNegative(learningRate, "learning_rate")
    learner.host.learningRate = learningRate
  }

  /// The same for the clip range.
  package func setClipRange(_ clipRange: Double) throws(Refusal) {
    try requireNonNegative(clipRange, "clip_range")
    learner.host.clipRange = clipRange
  }

  /// The same for the clip range of values; 0 for no clipping.
  package func setClipRangeValue(_ clipRange: Double) throws(Refusal) {
    try requireNonNegative(clipRange, "clip_range_value")
    learner.host.clipRangeValue = clipRange
  }

  /// Whether ``begin(_:)`` was ever called.
  var hasBegun: Bool { phase != .new }

  /// Resumes from the observations stored in a file.
  func resume(at observations: UnsafePointer<Float>) {
    rollout.restart()
    setObservations(observations)
    restartQuota()
    phase = .acting
    clock.restart(at: progress.timesteps)
  }

  /// Draws an action for every environment. The environment gets actions squashed or clipped into the action space; the
  /// rollout keeps the draws themselves.
  package func act(_ actions: UnsafeMutablePointer<Float>) throws(Refusal) {
    switch phase {
    case .new: throw Refusal(.badState, "act was called before begin; call begin first")
    case .observing: throw Refusal(.badState, "act was called twice; call observe between")
    case .acting: break
    }
    learner.learnedSteps = 0
    rollout.masks.complete(at: rollout.currentRow)
    if let states = memory.states { rollout.keepStates(states) }
    let draws = rollout.draws.pointer + rollout.currentRow * policy.actionSize
    try parallelPolicy.sample(
      actingRows, by: policy.published.current, from: firstEnvironment, seed: configuration.seed,
      step: progress.draws, explorationStep: explorationStep, draws: draws,
      logProbabilities: rollout.logProbabilities.pointer + rollout.currentRow)
    writeActions(actions)
    phase = .observing
  }

  /// Writes the actions of ``act(_:)`` again.
  /// - Throws: `.badState` unless `observe` must come next.
  package func copyPendingActions(into actions: UnsafeMutablePointer<Float>) throws(Refusal) {
    guard phase == .observing else {
      throw Refusal(.badState, "no actions are pending: act was not called since \(hasBegun ? "observe" : "begin")")
    }
    writeActions(actions)
  }

  private func writeActions(_ actions: UnsafeMutablePointer<Float>) {
    let draws = rollout.draws.pointer + rollout.currentRow * policy.actionSize
    space.clip(draws, rows: configuration.environments, into: actions)
    space.squash(actions, rows: configuration.environments)
  }

  /// The current step of every environment, with its masks, and the states before and after it.
  var actingRows: PolicyRows {
    PolicyRows(
      rollout.currentObservations, as: .packed, count: configuration.environments,
      masks: rollout.masks.all.map { $0 + rollout.currentRow * space.flags }, states: memory.states,
      finalStates: memory.nextStates, starts: policy.stateSize > 0 ? rollout.currentStarts : nil)
  }

  /// Undoes ``act(_:)`` after the environment refused the step. The next call draws the same actions.
  func discardAction() { phase = .acting }

  /// The key of the matrices of state-dependent exploration. New ones are drawn every `sde_sample_freq` steps, or, if
  /// that is 0, with each rollout.
  private var explorationStep: UInt64 {
    let steps = UInt64(configuration.explorationSteps)
    guard steps == 0 else { return progress.draws / steps }
    return UInt64(progress.updates) &+ (learner.hasUpdate ? 1 : 0) &+ (gathered == nil ? 0 : gatheredRollouts)
  }
}

extension Agent {
  /// Flags in the mask of one environment; 0 if all actions are continuous.
  package var maskSize: Int { space.flags }

  /// Restricts the choices of the next ``act(_:)``, which draws from the masked policy. Learning uses the same masks.
  ///
  /// Masks apply to one step. Without this call, the next ``act(_:)`` may choose anything.
  ///
  /// - Parameter masks: environments × ``maskSize`` flags, 1 for each choice that is allowed. Rows of environments that
  ///   are about to reset are ignored.
  /// - Throws: `.badState` unless the agent is about to act; `.unsupported` if all actions are continuous;
  ///   `.invalidArgument` for a flag other than 0 and 1, and for a mask that excludes all choices of a part. Then the
  ///   masks have not changed.
  /// - Source: Huang & Ontañón, "A closer look at invalid action masking in policy gradient algorithms" (2022).
  package func setMasks(_ masks: UnsafePointer<UInt8>) throws(Refusal) {
    guard phase == .acting else {
      throw Refusal(
        .badState, "masks were set \(phase == .new ? "before begin" : "between act and observe"); set them before act")
    }
    guard maskSize > 0 else {
      throw Refusal(.unsupported, "masks were set, but all parts of the policy's actions are continuous")
    }
    try inStep("\(progress.draws)") { () throws(Refusal) in try setCheckedMasks(masks) }
    learner.learnedSteps = 0
  }

  /// Checks the masks of the current step and stores them in the rollout.
  func setCheckedMasks(_ masks: UnsafePointer<UInt8>) throws(Refusal) {
    for environment in 0..<configuration.environments where !progress.isResetting[environment] {
      try space.check(masks: masks + environment * maskSize, rows: 1, first: environment)
    }
    try rollout.masks.start(rows: rollout.capacity * configuration.environments)
    rollout.masks.set(masks, at: rollout.currentRow) { progress.isResetting[$0] }
  }
}
