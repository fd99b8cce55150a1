// Learns from a full rollout, then discards it.

extension Agent {
  var isFull: Bool { quota?.isMet ?? (rollout.steps == configuration.steps) }

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
    let start = MonotonicClock.now
    do throws(Refusal) {
      var statistics = try learner.learn(
        from: rollout, rewardNormalizer, trajectories: quota?.trajectories ?? 0, update: progress.updates,
        remaining: progress.remaining)
      statistics.seconds = MonotonicClock.now - start
      lastUpdate = statistics
      progress.updates += 1
    } catch {
      discardRollout()
      throw error
    }
    discardRollout()
  }

  /// Discards the rollout and begins the next.
  private func discardRollout() {
    rollout.restart()
    restartQuota()
    progress.rolloutBegan()
  }

  func restartQuota() {
    quota?.restart { progress.episodeSteps[$0] == 0 && !progress.isResetting[$0] }
  }
}
