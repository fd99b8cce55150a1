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
      try rollout.reserve(steps: min(2 * rollout.capacity, most))
    } catch {
      discardRollout()
      throw error
    }
  }

  /// Called when the rollout is full. Learns from it at once, or makes it due and begins the next one.
  ///
  /// If an update is unfinished, completes it first. If it fails, the new one is due all the same.
  func learn() throws(Refusal) {
    guard let next = secondRollout else {
      defer { discardRollout() }
      return try update(
        from: rollout, rewardNormalizer, trajectories: quota?.trajectories ?? 0, remaining: progress.remaining)
    }
    var failure: Refusal?
    do throws(Refusal) { try completeUpdate() } catch { failure = error }
    do throws(Refusal) {
      try learner.begin(
        rollout, rewardNormalizer, trajectories: quota?.trajectories ?? 0, update: progress.updates,
        remaining: progress.remaining)
      if configuration.updateMode == .inBackground { try beginInBackground() }
    } catch {
      failure = failure ?? error
    }
    next.start(after: rollout)
    (rollout, secondRollout) = (next, rollout)
    rolloutBegan()
    if let failure { throw failure }
  }

  /// Makes one update, and counts it. If it throws, policy and optimizer have not changed.
  ///
  /// - Parameters: As of ``Learner/begin(_:_:trajectories:update:remaining:)``.
  func update(
    from rollout: Rollout, _ normalizer: RewardNormalizer?, trajectories: Int, remaining: Double
  ) throws(Refusal) {
    try learner.begin(
      rollout, normalizer, trajectories: trajectories, update: progress.updates, remaining: remaining)
    try completeUpdate()
  }

  /// Discards the rollout and begins the next.
  func discardRollout() {
    rollout.restart()
    rolloutBegan()
  }

  private func rolloutBegan() {
    restartQuota()
    progress.rolloutBegan()
  }

  func restartQuota() {
    quota?.restart { progress.episodeSteps[$0] == 0 && !progress.isResetting[$0] }
  }
}
