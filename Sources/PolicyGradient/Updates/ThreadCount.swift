import KernelShims

/// How many threads are worth using for a given amount of arithmetic.
enum ThreadCount {
  /// The least floating-point operations per thread: about ten microseconds, where starting a spinning worker takes
  /// about one.
  private static let share = 500_000

  /// How many shares to split a forward pass over `rows` rows into; each has at least a block of rows.
  static func shares(ofForward rows: Int, _ policy: Policy) -> Int {
    max(1, min(rows / policy.network.blockRows, 2 * policy.parameters.count * rows / share))
  }

  /// The same for a gradient, which takes three times as long; each share has at least the rows of a shard.
  static func shares(ofGradient rows: Int, _ policy: Policy) -> Int {
    max(1, min(Shards.most(rows: rows), 6 * policy.parameters.count * rows / share))
  }
}

extension AgentConfiguration {
  /// Rows of each gradient that moves the policy, given the rows of a rollout.
  func gradientRows(of rows: Int) -> Int { algorithm.measuresDivergence ? min(batchSize, rows) : rows }

  /// Rows of the largest minibatch. Each of several groups gives it its share, rounded up to whole sequences.
  func mostGradientRows(of rows: Int, steps: Int) -> Int {
    guard algorithm.measuresDivergence, shuffleGroups > 1 else { return gradientRows(of: rows) }
    let length = max(steps, 1)
    return min(rows, (max(shuffleGroups, batchSize / length) + shuffleGroups) * length)
  }

  /// Steps of the sequences of a rollout.
  func sequenceSteps(_ policy: Policy, steps: Int) -> Int {
    policy.stateSize == 0 ? 1 : sequenceLength > 0 ? sequenceLength : steps
  }

  /// How many threads an agent uses: `threads`, or if that is 0, the number of processors, but no more than a gradient
  /// or a step of acting has shares.
  ///
  /// - Parameter rows: Rows of a rollout.
  func workers(for policy: Policy, rows: Int) -> Int {
    guard threads == 0 else { return threads }
    let learning = ThreadCount.shares(ofGradient: gradientRows(of: rows), policy)
    let acting = ThreadCount.shares(ofForward: environments, policy)
    return min(kernel_processor_count(), max(learning, acting), Limits.threads)
  }
}
