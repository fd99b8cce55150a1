/// Acts by a policy, remembers how the world answered, and learns whenever a rollout is full.
package final class Agent {
  package let policy: Policy
  package let configuration: AgentConfiguration

  let learner: Learner
  let rollout: Rollout
  let rewardNormalizer: RewardNormalizer?
  /// What the world last showed; the rollout holds it as the policy's networks see it.
  let rawObservations: Buffer<Float>
  /// The last observation of a truncated episode, normalised.
  let finalObservation: Buffer<Float>
  let parallelPolicy: ParallelPolicy
  let space: ActionSpace
  var quota: EpisodeQuota?
  var phase = Phase.new
  /// Whether ``train(in:timesteps:progress:)`` has moved an environment.
  var hasTrained = false
  let clock: Clock

  var progress: AgentProgress
  var lastUpdate = UpdateStatistics()

  /// What the agent waits for: to begin, to act, or to observe how the world answered.
  enum Phase { case new, acting, observing }

  package init(_ policy: Policy, _ configuration: AgentConfiguration) throws(Refusal) {
    try configuration.validate(for: policy)
    self.policy = policy
    self.configuration = configuration
    space = policy.space
    let isEpisodic = configuration.algorithm.collection == .trajectories
    let steps = isEpisodic ? Agent.initialCapacity(configuration) : configuration.steps
    rollout = try Rollout(
      steps: steps, environments: configuration.environments, observationSize: policy.observationSize,
      actionSize: policy.actionSize, flags: space.flags,
      keepsFinalObservations: configuration.recomputesAdvantages)
    let rows = steps * configuration.environments
    let workers = WorkerPool(threads: configuration.workers(for: policy, rows: rows))
    parallelPolicy = try ParallelPolicy(policy, workers, rows: rows)
    learner = try Learner(policy, configuration, workers, parallelPolicy, rows: rows)
    if isEpisodic { quota = EpisodeQuota(target: configuration.episodes, environments: configuration.environments) }
    rawObservations = try Buffer(count: configuration.environments * policy.observationSize)
    finalObservation = try Buffer(count: policy.observationSize)
    rewardNormalizer =
      configuration.normalizesRewards
      ? try RewardNormalizer(
        environments: configuration.environments, gamma: configuration.gamma, limit: configuration.rewardClip) : nil
    progress = AgentProgress(environments: configuration.environments)
    progress.scheduleEnd = configuration.totalTimesteps
    clock = Clock()
    if configuration.normalizesObservations { try policy.normalizeObservations(limit: configuration.observationClip) }
  }

  /// Whole trajectories have no length known beforehand: room for some, which grows as they turn out longer.
  private static func initialCapacity(_ configuration: AgentConfiguration) -> Int {
    min(1_024, Limits.rows / configuration.environments)
  }

  // MARK: Act

  /// Takes the first observation of every environment, environments × observation size; forgets an unfinished rollout.
  package func begin(_ observations: UnsafePointer<Float>) throws(Refusal) {
    try restart(from: observations)
    clock.restart(at: progress.timesteps)
  }

  /// ``begin(_:)`` as a part of what already runs.
  func restart(from observations: UnsafePointer<Float>) throws(Refusal) {
    try checkFinite(observations, configuration.environments, policy.observationSize, "observations")
    rollout.restart()
    progress.begin()
    rewardNormalizer?.begin()
    receiveObservations(observations)
    quota?.restart { _ in true }
    phase = .acting
  }

  /// Says where linear schedules end, in timesteps from the very first; 0 for nowhere.
  package func setTotalTimesteps(_ count: Int64) throws(Refusal) {
    try require(count, in: 0...Int64.max, "total_timesteps")
    progress.scheduleEnd = count
  }

  /// The observations that the agent will act on next; `nil` before ``begin(_:)``, and while an action waits for its
  /// answer.
  var observations: UnsafePointer<Float>? {
    phase == .acting ? UnsafePointer(rawObservations.pointer) : nil
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

  /// Draws an action for every environment; columns are squashed or clipped in what the world gets, not in what is
  /// learned from.
  package func act(_ actions: UnsafeMutablePointer<Float>) throws(Refusal) {
    switch phase {
    case .new: throw Refusal(.badState, "act was called before begin")
    case .observing: throw Refusal(.badState, "act was called twice; observe must come between")
    case .acting: break
    }
    rollout.masks.complete(at: rollout.current)
    let draws = rollout.draws.pointer + rollout.current * policy.actionSize
    try parallelPolicy.sample(
      rollout.currentObservations, masks: rollout.masks.all.map { UnsafePointer($0) + rollout.current * space.flags },
      rows: configuration.environments, seed: configuration.seed, step: progress.draws,
      explorationStep: explorationStep, draws: draws,
      logProbabilities: rollout.logProbabilities.pointer + rollout.current)
    space.clip(draws, rows: configuration.environments, into: actions)
    space.squash(actions, rows: configuration.environments)
    phase = .observing
  }

  /// Undoes ``act(_:)`` where the environment refused the step; the next call draws the same actions.
  func discardAction() { phase = .acting }

  /// Keys the matrices of state-dependent exploration: a new one after some steps, or with each rollout.
  private var explorationStep: UInt64 {
    let steps = UInt64(configuration.explorationSteps)
    return steps > 0 ? progress.draws / steps : UInt64(progress.updates)
  }
}
