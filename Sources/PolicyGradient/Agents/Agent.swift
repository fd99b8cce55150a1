/// Acts by a policy, remembers how the world answered, and learns whenever a rollout is full.
package final class Agent {
  package let policy: Policy
  package let configuration: AgentConfiguration

  let learner: Learner
  let rollout: Rollout
  let rewardNormalizer: RewardNormalizer?
  /// What the world last showed; the rollout holds it as the policy's networks see it.
  let shown: Buffer<Float>
  private let crew: Crew
  private let space: ActionSpace
  private var quota: EpisodeQuota?
  private var phase = Phase.new
  let clock: Clock

  var progress: AgentProgress
  private(set) var lastUpdate = UpdateStatistics()

  private enum Phase { case new, acting, observing }

  package init(_ policy: Policy, _ configuration: AgentConfiguration) throws(Refusal) {
    try configuration.validate(for: policy)
    self.policy = policy
    self.configuration = configuration
    space = policy.space
    let isEpisodic = configuration.algorithm == .reinforce
    let steps = isEpisodic ? Agent.firstCapacity(configuration) : configuration.steps
    rollout = try Rollout(
      steps: steps, environments: configuration.environments, observationSize: policy.observationSize,
      actionSize: policy.actionSize, keepsFinalObservations: configuration.recomputesAdvantages)
    let rows = steps * configuration.environments
    let workers = WorkerPool(threads: configuration.workers(for: policy, rows: rows))
    crew = try Crew(policy, workers, rows: rows)
    learner = try Learner(policy, configuration, workers, crew, rows: rows)
    if isEpisodic { quota = EpisodeQuota(target: configuration.episodes, environments: configuration.environments) }
    shown = try Buffer(count: configuration.environments * policy.observationSize)
    rewardNormalizer =
      configuration.normalizesRewards
      ? try RewardNormalizer(
        environments: configuration.environments, gamma: configuration.gamma, limit: configuration.rewardClip) : nil
    progress = AgentProgress(environments: configuration.environments)
    progress.horizon = configuration.totalTimesteps
    clock = Clock()
    if configuration.normalizesObservations { try policy.normalizeObservations(limit: configuration.observationClip) }
  }

  /// Whole trajectories have no length known beforehand: room for some, which grows as they turn out longer.
  private static func firstCapacity(_ configuration: AgentConfiguration) -> Int {
    min(1_024, Limits.rows / configuration.environments)
  }

  // MARK: Act and observe

  /// Takes the first observation of every environment, environments × observation size; forgets an unfinished rollout.
  package func begin(_ observations: UnsafePointer<Float>) throws(Refusal) {
    try goOn(from: observations)
    clock.restart(at: progress.timesteps)
  }

  /// ``begin(_:)`` as a part of what already runs.
  func goOn(from observations: UnsafePointer<Float>) throws(Refusal) {
    try checkFinite(observations, configuration.environments, policy.observationSize, "observations")
    rollout.restart()
    progress.begin()
    rewardNormalizer?.begin()
    see(observations)
    quota?.restart { _ in true }
    phase = .acting
  }

  /// Says where linear schedules end, in timesteps from the very first; 0 for nowhere.
  package func setTotalTimesteps(_ count: Int64) throws(Refusal) {
    try require(count, in: 0...Int64.max, "total_timesteps")
    progress.horizon = count
  }

  /// The observations that the agent will act on next; `nil` before ``begin(_:)``, and while an action waits for its answer.
  var observations: UnsafePointer<Float>? {
    phase == .acting ? UnsafePointer(shown.pointer) : nil
  }

  /// Whether ``begin(_:)`` was ever called.
  var hasBegun: Bool { phase != .new }

  /// Goes on from what a file told of the stream of experience.
  func resume(at observations: UnsafePointer<Float>) {
    rollout.restart()
    show(observations)
    restartQuota()
    phase = .acting
    clock.restart(at: progress.timesteps)
  }

  /// Draws an action for every environment; bounded columns are clipped in what the world gets, not in what is learned from.
  package func act(_ actions: UnsafeMutablePointer<Float>) throws(Refusal) {
    switch phase {
    case .new: throw Refusal(.badState, "act was called before begin")
    case .observing: throw Refusal(.badState, "act was called twice; observe must come between")
    case .acting: break
    }
    let drawn = rollout.actions.pointer + rollout.current * policy.actionSize
    try crew.sample(
      rollout.currentObservations, rows: configuration.environments, seed: configuration.seed, step: progress.draws,
      explorationStep: explorationStep, actions: drawn,
      logProbabilities: rollout.logProbabilities.pointer + rollout.current)
    space.clip(drawn, rows: configuration.environments, into: actions)
    phase = .observing
  }

  /// Keys the matrices of state-dependent exploration: a new one after some steps, or with each rollout.
  private var explorationStep: UInt64 {
    let steps = UInt64(configuration.explorationSteps)
    return steps > 0 ? progress.draws / steps : UInt64(progress.updates)
  }

  /// Takes the world's answer to the actions of ``act(_:)``; learns if that fills the rollout.
  /// - Returns: Whether the agent has learned.
  @discardableResult
  package func observe(
    rewards: UnsafePointer<Float>, terminated: UnsafePointer<UInt8>, truncated: UnsafePointer<UInt8>,
    nextObservations: UnsafePointer<Float>, finalObservations: UnsafePointer<Float>?
  ) throws(Refusal) -> Bool {
    guard phase == .observing else { throw Refusal(.badState, "observe was called without an action to answer") }
    let answer = WorldAnswer(
      rewards: rewards, terminated: terminated, truncated: truncated, nextObservations: nextObservations,
      finalObservations: configuration.autoresetMode == .nextStep ? nextObservations : finalObservations)
    try check(answer)
    try remember(answer)
    phase = .acting
    guard isFull else {
      try reserve()
      return false
    }
    try learn()
    return true
  }

  private func check(_ answer: WorldAnswer) throws(Refusal) {
    let width = policy.observationSize
    try checkFinite(answer.nextObservations, configuration.environments, width, "next_observations")
    for environment in 0..<configuration.environments where !progress.isWaiting[environment] {
      guard answer.rewards[environment].isFinite else {
        throw Refusal(.notFinite, "rewards[\(environment)] is \(answer.rewards[environment]); it must be finite")
      }
      guard answer.terminated[environment] <= 1, answer.truncated[environment] <= 1 else {
        throw Refusal(
          .invalidArgument,
          "terminated[\(environment)] is \(answer.terminated[environment]) and truncated[\(environment)] is \(answer.truncated[environment]); flags must be 0 or 1"
        )
      }
      guard answer.isCut(environment), configuration.needsValues else { continue }
      guard let final = answer.finalObservations else {
        throw Refusal(
          .invalidArgument,
          "final_observations is NULL, and truncated[\(environment)] is 1; the episode's last observation is needed for its value"
        )
      }
      for column in 0..<width where !final[environment * width + column].isFinite {
        throw Refusal(
          .notFinite,
          "final_observations[\(environment), \(column)] is \(final[environment * width + column]); it must be finite")
      }
    }
  }

  /// Takes what is to be acted on next: merges it into the policy's normaliser, if that is taught, and then shows it.
  private func see(_ observations: UnsafePointer<Float>) {
    if configuration.normalizesObservations {
      // What an environment shows that only waits to restart is not acted on.
      policy.normalizer?.merge(observations, rows: configuration.environments) { !progress.isWaiting[$0] }
    }
    show(observations)
  }

  private func show(_ observations: UnsafePointer<Float>) {
    let current = rollout.currentObservations
    shown.pointer.update(from: observations, count: shown.count)
    if let normalizer = policy.normalizer {
      normalizer.normalize(observations, rows: configuration.environments, into: current)
    } else {
      current.update(from: observations, count: shown.count)
    }
  }

  /// Writes the step into the rollout. A step on which every environment only restarted never was.
  private func remember(_ answer: WorldAnswer) throws(Refusal) {
    let (count, width) = (configuration.environments, policy.observationSize)
    let current = rollout.current
    let isOnlyReset = progress.isWaiting.allSatisfy { $0 }
    rewardNormalizer?.observe(answer.rewards, lived: { !progress.isWaiting[$0] }, hasEnded: answer.hasEnded)
    for environment in 0..<count {
      let row = current + environment
      guard !progress.isWaiting[environment] else {
        leaveOut(row)
        progress.restart(environment)
        quota?.begin(environment)
        continue
      }
      let ended = answer.hasEnded(environment)
      rollout.rewards.pointer[row] = answer.rewards[environment]
      rollout.terminated.pointer[row] = answer.terminated[environment]
      rollout.truncated.pointer[row] = answer.truncated[environment]
      rollout.finalValues.pointer[row] = 0
      rollout.ages.pointer[row] = quota?.counts(environment) ?? true ? progress.ages[environment] : Rollout.leftOut
      if answer.isCut(environment), let final = answer.finalObservations {
        try bootstrap(row, final + environment * width)
      } else if !ended, isAtHorizon(environment) {
        rollout.truncated.pointer[row] = 1
        try bootstrap(row, answer.nextObservations + environment * width)
        quota?.end(environment)
      }
      progress.step(environment, reward: answer.rewards[environment], ended: ended)
      guard ended else { continue }
      quota?.end(environment)
      if configuration.autoresetMode == .nextStep {
        progress.wait(environment)
      } else {
        quota?.begin(environment)
      }
    }
    if !isOnlyReset {
      rollout.advance()
      progress.draws &+= 1
    }
    see(answer.nextObservations)
  }

  private func leaveOut(_ row: Int) {
    rollout.rewards.pointer[row] = 0
    rollout.terminated.pointer[row] = 0
    rollout.truncated.pointer[row] = 0
    rollout.finalValues.pointer[row] = 0
    rollout.ages.pointer[row] = Rollout.leftOut
  }

  private func bootstrap(_ row: Int, _ observation: UnsafePointer<Float>) throws(Refusal) {
    guard configuration.needsValues else { return }
    let seen = policy.seen(observation, rows: 1)
    rollout.keepFinalObservation(seen, row: row)
    try crew.value(seen, rows: 1, into: rollout.finalValues.pointer + row)
  }

  private func isAtHorizon(_ environment: Int) -> Bool {
    quota != nil && configuration.steps > 0 && Int(progress.ages[environment]) + 1 == configuration.steps
  }

  // MARK: Learning

  private var isFull: Bool { quota?.isMet ?? (rollout.steps == configuration.steps) }

  /// Makes room for the next step of trajectories of unknown length.
  private func reserve() throws(Refusal) {
    guard quota != nil, rollout.steps == rollout.capacity else { return }
    do throws(Refusal) {
      let most = Limits.rows / configuration.environments
      guard rollout.steps < most else {
        throw Refusal(
          .badState,
          "too few trajectories ended within \(most) steps of \(configuration.environments) environments; n_steps cuts them, but only a new episode begins another"
        )
      }
      let steps = min(2 * rollout.capacity, most)
      // The learner first: a rollout never holds more rows than it can take, even where one of the two is refused.
      try learner.reserve(rows: steps * configuration.environments)
      try rollout.reserve(steps: steps)
    } catch {
      giveUp()
      throw error
    }
  }

  private func learn() throws(Refusal) {
    let start = MonotonicClock.now
    do throws(Refusal) {
      var statistics = try learner.learn(
        from: rollout, rewardNormalizer, trajectories: quota?.trajectories ?? 0, update: progress.updates,
        remaining: progress.remaining)
      statistics.seconds = MonotonicClock.now - start
      lastUpdate = statistics
      progress.updates += 1
    } catch {
      giveUp()
      throw error
    }
    giveUp()
  }

  /// Leaves the rollout behind and begins the next.
  private func giveUp() {
    rollout.restart()
    restartQuota()
    progress.rolloutBegan()
  }

  private func restartQuota() {
    quota?.restart { progress.ages[$0] == 0 && !progress.isWaiting[$0] }
  }
}
