// An agent that learns together with others, each with its own environments.

extension Agent {
  /// The number of the first environment, counted over all ranks, or as ``setGathering(steps:firstEnvironment:)``
  /// numbers it.
  var firstEnvironment: Int { gathered?.firstEnvironment ?? ranks.rank * configuration.environments }

  /// Joins the agents of other ranks, once all have stated that they are alike.
  ///
  /// - Parameter version: The version of the library, which must be the same on all ranks.
  package func join(rank: Int, of count: Int, version: String, _ sum: @escaping Ranks.Sum) throws(Refusal) {
    try require(count, in: 1...Limits.environments, "ranks")
    try require(rank, in: 0...count - 1, "rank")
    try require(
      configuration.environments <= Limits.environments / count, "n_envs (with ranks \(count))",
      "\(configuration.environments)", "be at most \(Limits.environments) over all ranks")
    guard configuration.updateMode == .atOnce else {
      throw Refusal(
        .unsupported, "several ranks need agents whose update_mode is PGRAD_UPDATE_AT_ONCE: all must learn together")
    }
    guard rollout.steps == 0, phase != .observing else {
      throw Refusal(
        .badState, "set_reduce was called within a rollout; call it before begin, or right after an update")
    }
    policy.normalizer?.moments.share(over: ranks)
    rewardNormalizer?.moments.share(over: ranks)
    ranks.set(rank: rank, of: count, sum)
    do throws(Refusal) {
      try requireAgreement(version: version)
    } catch {
      ranks.leave()
      throw error
    }
    progress.joinedRanks()
  }

  /// Learns alone again.
  package func leaveRanks() {
    ranks.leave()
    progress.joinedRanks(false)
  }

  /// Adds what the other ranks have counted since the last exchange.
  func exchangeProgress() throws(Refusal) {
    guard var sums = progress.increments else { return }
    ranks.sum(&sums)
    let totals = [Double(progress.timesteps) + sums[0], Double(progress.ranks?.episodes ?? 0) + sums[1]]
    _ = (sums[0..<3] + totals).allSatisfy { ranks.isCount($0) }
    try ranks.check()
    progress.exchange(sums)
  }
}
