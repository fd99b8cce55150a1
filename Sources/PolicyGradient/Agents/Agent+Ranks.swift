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

extension Agent {
  /// What may differ in the files of two ranks: it belongs to a rank's environments, or to its host.
  private static let ownedByRanks: Set = [
    "agent.ages", "agent.episodes", "agent.has_begun", "agent.lengths", "agent.observations", "agent.returns",
    "agent.reward_normalizer.returns", "agent.running_lengths", "agent.running_returns", "agent.states",
    "agent.threads", "agent.waiting", "policy.draws", "policy.note",
  ]

  /// Refuses unless the agents of all ranks are alike: options, parameters, optimizer, normalisers and counters.
  ///
  /// Every rank sums a table in which it has filled its own row, so all of them see all rows and refuse alike.
  func requireAgreement(version: String) throws(Refusal) {
    try requireOneOfEach()
    let traits = try traits(version: version)
    let (own, names) = (traits.map(\.value), traits.map(\.name))
    var sizes = row([Double(own.count)])
    ranks.sum(&sizes)
    try ranks.check()
    try requireEqual(sizes, ["the number of stored values"])
    var table = row(own)
    ranks.sum(&table)
    try ranks.check()
    try requireEqual(table, names)
  }

  private func requireOneOfEach() throws(Refusal) {
    var seen = row([1])
    ranks.sum(&seen)
    try ranks.check()
    for rank in 0..<ranks.count where seen[rank] != 1 {
      let processes = Int(exactly: seen[rank]).map { "\($0)" } ?? "\(seen[rank])"
      throw Refusal(
        .invalidArgument, "rank \(rank) was given by \(processes) processes; it must be given by exactly one")
    }
  }

  /// A table with one row for each rank, of which only this rank's is not 0.
  private func row(_ values: [Double]) -> [Double] {
    var table = Array(repeating: 0.0, count: ranks.count * values.count)
    table.replaceSubrange(ranks.rank * values.count..<(ranks.rank + 1) * values.count, with: values)
    return table
  }

  private func requireEqual(_ table: [Double], _ names: [String]) throws(Refusal) {
    for rank in 1..<max(ranks.count, 1) {
      for (column, name) in names.enumerated() {
        let (found, first) = (table[rank * names.count + column], table[column])
        // A NaN equals itself here.
        guard found.bitPattern != first.bitPattern else { continue }
        let values = [found, first].map { value in Int64(exactly: value).map { "\($0)" } ?? "\(value)" }
        throw Refusal(
          .badState,
          "rank \(rank) differs from rank 0 in \(name): \(values[0]) and \(values[1]); all ranks must be alike")
      }
    }
  }

  /// What must be equal on all ranks: all that a file of the agent holds, except what belongs to its environments.
  private func traits(version: String) throws(Refusal) -> [(name: String, value: Double)] {
    var file = try stored()
    file.set("library version", version)
    return file.comparison { !Agent.ownedByRanks.contains($0) }
  }
}
