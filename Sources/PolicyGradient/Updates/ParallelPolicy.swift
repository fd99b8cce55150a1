/// Samples and computes values for many rows at once, on several threads. A row's results do not depend on other rows,
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

  /// Makes the draws of normalised observations. Squashed columns hold pre-squash actions.
  func sample(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>?, rows: Int, seed: UInt64, step: UInt64,
    explorationStep: UInt64?, draws: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try distribute(rows) { (places, pass) throws(Refusal) in
      try policy.sample(
        observations, as: .normalized, masks: masks, rows: places, on: pass, seed: seed, step: step,
        explorationStep: explorationStep, draws: draws, logProbabilities: logProbabilities)
    }
  }

  /// Computes V of normalised observations. The policy has a value function.
  func value(
    _ observations: UnsafePointer<Float>, rows: Int, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try distribute(rows) { (places, pass) throws(Refusal) in
      try policy.value(observations, as: .normalized, rows: places, on: pass, into: values)
    }
  }

  /// Runs `body` on shares of the rows. If several throw, throws the refusal of the first share.
  private func distribute(
    _ rows: Int, _ body: (_ places: Range<Int>, _ pass: PolicyPass) throws(Refusal) -> Void
  ) throws(Refusal) {
    let parts = Shards(
      rows: rows, blockRows: policy.network.blockRows,
      count: min(passes.count, ThreadCount.shares(ofForward: rows, policy)))
    guard parts.count > 1 else { return try body(0..<rows, passes[0]) }
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
