// Learns from a full rollout, then discards it.

extension Agent {
  /// Whether the rollout is full. With several ranks, trajectories are gathered until
  /// every rank has all of its own.
  func isFull() -> Bool {
    guard let quota else { return rollout.steps == configuration.steps }
    var unmet = quota.isMet ? 0.0 : 1
    ranks.sum(&unmet)
    return unmet == 0
  }

  /// Makes room for the next step, where trajectories have no length known beforehand.
  func reserveNextStep() throws(Refusal) {
    guard quota != nil, rollout.steps == rollout.capacity else { return }
    do throws(Refusal) {
      let most = Limits.rows / configuration.environments
      guard rollout.steps < most else {
        throw Refusal(
          .badState,
          "fewer than n_episodes = \(configuration.episodes) trajectories ended in \(most) steps of \(configuration.environments) environments; lower n_episodes, or use an environment whose episodes end sooner"
        )
      }
      let steps = min(2 * rollout.capacity, most)
      // The learner first: even if one of the two fails, the rollout never holds more rows than the learner can take.
      try learner.reserve(steps: steps)
      try rollout.reserve(steps: steps)
    } catch {
      discardRollout()
      throw error
    }
  }

  func learn() throws(Refusal) {
    defer { discardRollout() }
    try update(
      from: rollout, rewardNormalizer, trajectories: quota?.trajectories ?? 0, remaining: progress.remaining)
  }

  /// Makes one update, and counts it. If it throws, policy and optimizer have not changed.
  ///
  /// - Parameters: As of ``Learner/learn(from:_:trajectories:update:remaining:)``.
  func update(
    from rollout: Rollout, _ normalizer: RewardNormalizer?, trajectories: Int, remaining: Double
  ) throws(Refusal) {
    let start = MonotonicClock.now
    var statistics = try learner.learn(
      from: rollout, normalizer, trajectories: trajectories, update: progress.updates, remaining: remaining)
    statistics.seconds = MonotonicClock.now - start
    lastUpdate = statistics
    progress.updates += 1
    try exchangeProgress()
  }

  /// Discards the rollout and begins the next.
  func discardRollout() {
    rollout.restart()
    restartQuota()
    progress.rolloutBegan()
  }

  func restartQuota() {
    quota?.restart { progress.episodeSteps[$0] == 0 && !progress.isResetting[$0] }
  }
}
