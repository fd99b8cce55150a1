import KernelShims

/// How much arithmetic is worth another thread.
enum ThreadCount {
  /// In floating-point operations: some ten microseconds, where handing a share to a worker that still spins costs
  /// about one.
  private static let share = 500_000

  /// How many shares a forward pass over so many rows is worth splitting into; each has a block of rows at least.
  static func shares(ofForward rows: Int, _ policy: Policy) -> Int {
    max(1, min(rows / policy.network.blockRows, 2 * policy.parameters.count * rows / share))
  }

  /// The same of a gradient, which takes three times as much; each has the rows of a shard.
  static func shares(ofGradient rows: Int, _ policy: Policy) -> Int {
    let shards = Shards(rows: rows, blockRows: policy.network.blockRows)
    return max(1, min(shards.count, 6 * policy.parameters.count * rows / share))
  }
}

extension AgentConfiguration {
  /// Rows of a gradient that moves the policy, out of so many in a rollout.
  func gradientRows(of rows: Int) -> Int { algorithm.measuresDivergence ? min(batchSize, rows) : rows }

  /// How many threads work for an agent: `threads`, or where that is 0 as many as there are processors, but no more
  /// than what is learned from at a time, or acted on, has shares worth one.
  ///
  /// - Parameter rows: Of a rollout.
  func workers(for policy: Policy, rows: Int) -> Int {
    guard threads == 0 else { return threads }
    let learning = ThreadCount.shares(ofGradient: gradientRows(of: rows), policy)
    let acting = ThreadCount.shares(ofForward: environments, policy)
    return min(kernel_processor_count(), max(learning, acting), Limits.threads)
  }
}
