/// Samples and evaluates many rows at once, on several threads, with the parameters of the current moment, which during
/// an update other readers do not see. A row's results do not depend on other rows,
/// so they do not depend on how rows are distributed.
final class ParallelPolicy {
  private let policy: Policy
  private let workers: WorkerPool
  private let passes: [PolicyPass]
  /// The refusal of each share, if any.
  private let refusals: UnsafeMutablePointer<Refusal?>

  /// - Parameter rows: The most rows in one call.
  init(_ policy: Policy, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    var passes = [try PolicyPass(policy.shape)]
    while passes.count < min(workers.threads, ThreadCount.shares(ofForward: rows, policy)) {
      passes.append(try PolicyPass(policy.shape))
    }
    self.policy = policy
    self.workers = workers
    self.passes = passes
    refusals = .allocate(capacity: passes.count)
    refusals.initialize(repeating: nil, count: passes.count)
  }

  deinit {
    refusals.deinitialize(count: passes.count)
    refusals.deallocate()
  }

  /// Makes the draws of rows. Squashed columns hold pre-squash actions.
  ///
  /// - Parameter number: The number of the first row in the keys of the draws.
  func sample(
    _ rows: PolicyRows, from number: Int, seed: UInt64, step: UInt64, explorationStep: UInt64?,
    draws: UnsafeMutablePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try distribute(rows) { (sequences, pass) throws(Refusal) in
      try policy.sample(
        rows, sequences, from: number, on: pass, seed: seed, step: step, explorationStep: explorationStep, draws: draws,
        logProbabilities: logProbabilities)
    }
  }

  /// Computes log π(a|s) of draws.
  func logProbability(
    _ rows: PolicyRows, _ draws: UnsafePointer<Float>, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try distribute(rows) { (sequences, pass) throws(Refusal) in
      try policy.logProbability(rows, sequences, draws, areDraws: true, on: pass, into: logProbabilities)
    }
  }

  /// Computes V of rows. The policy has a value function.
  func value(_ rows: PolicyRows, into values: UnsafeMutablePointer<Float>) throws(Refusal) {
    try distribute(rows) { (sequences, pass) throws(Refusal) in
      try policy.value(rows, sequences, on: pass, into: values)
    }
  }

  /// Runs `body` on shares of the sequences. If several throw, throws the refusal of the first share.
  private func distribute(
    _ rows: PolicyRows, _ body: (_ sequences: Range<Int>, _ pass: PolicyPass) throws(Refusal) -> Void
  ) throws(Refusal) {
    let parts = Shards(
      rows: rows.sequences, blockRows: policy.network.blockRows,
      count: min(passes.count, ThreadCount.shares(ofForward: rows.sequences, policy)))
    guard parts.count > 1 else { return try body(0..<rows.sequences, passes[0]) }
    workers.run(parts.count) { index in
      do throws(Refusal) {
        try body(parts.places(index), passes[index])
        refusals[index] = nil
      } catch {
        refusals[index] = error
      }
    }
    for index in 0..<parts.count {
      if let refusal = refusals[index] { throw refusal }
    }
  }
}
