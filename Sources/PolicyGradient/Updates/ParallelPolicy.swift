/// Samples and evaluates many rows at once, on several threads. A row's results do not depend on other rows, so they do
/// not depend on how rows are distributed.
///
/// Each call names the parameters that it uses: the current ones of an update, or those that readers see. Observations
/// are normalised.
final class ParallelPolicy {
  private let policy: Policy
  private let workers: WorkerPool
  private let passes: [PolicyPass]
  /// The refusal of each share, if any.
  private let refusals: UnsafeMutablePointer<Refusal?>

  /// - Parameter rows: The most rows in one call.
  init(_ policy: Policy, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    func makePass() throws(Refusal) -> PolicyPass { try PolicyPass(policy.shape, view: PolicyView(policy.parameters)) }
    var passes = [try makePass()]
    while passes.count < min(workers.threads, ThreadCount.shares(ofForward: rows, policy)) {
      passes.append(try makePass())
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
    _ rows: PolicyRows, by parameters: UnsafePointer<Float>, from number: Int, seed: UInt64, step: UInt64,
    explorationStep: UInt64?, draws: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    let sampling = SamplingJob(
      policy: policy, rows: rows, number: number, seed: seed, step: step, explorationStep: explorationStep,
      draws: draws, logProbabilities: logProbabilities)
    try distribute(rows, 0..<rows.sequences, parameters, sampling)
  }

  /// Computes log π(a|s) of draws, for sequences from `next` on, which it advances.
  /// - Returns: Whether all sequences are done; otherwise the budget is used up.
  func logProbability(
    _ rows: PolicyRows, _ draws: UnsafePointer<Float>, by parameters: UnsafePointer<Float>, from next: inout Int,
    _ budget: TimeBudget, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) -> Bool {
    let evaluation = LogProbabilityJob(policy: policy, rows: rows, draws: draws, results: logProbabilities)
    return try advance(rows, parameters, from: &next, budget, evaluation)
  }

  /// The same for V. The policy has a value function.
  func value(
    _ rows: PolicyRows, by parameters: UnsafePointer<Float>, from next: inout Int, _ budget: TimeBudget,
    into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) -> Bool {
    try advance(rows, parameters, from: &next, budget, ValueJob(policy: policy, rows: rows, results: values))
  }

  /// Computes V of rows. The policy has a value function.
  func value(
    _ rows: PolicyRows, by parameters: UnsafePointer<Float>, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    var next = 0
    _ = try value(rows, by: parameters, from: &next, .unlimited, into: values)
  }

  /// Runs the job on sequences from `next` on, in pieces of one block for each pass if the budget is limited.
  private func advance(
    _ rows: PolicyRows, _ parameters: UnsafePointer<Float>, from next: inout Int, _ budget: TimeBudget,
    _ job: some SequencesJob
  ) throws(Refusal) -> Bool {
    let piece = max(1, policy.network.blockRows * rows.sequences / max(rows.count, 1)) * passes.count
    while next < rows.sequences {
      let end = budget.isLimited ? min(next + piece, rows.sequences) : rows.sequences
      try distribute(rows, next..<end, parameters, job)
      next = end
      if next < rows.sequences, budget.isUsedUp { return false }
    }
    return true
  }

  /// Runs the job on shares of some sequences. If several throw, throws the refusal of the first share.
  private func distribute(
    _ rows: PolicyRows, _ sequences: Range<Int>, _ parameters: UnsafePointer<Float>,
    _ job: some SequencesJob
  ) throws(Refusal) {
    let parts = Shards(
      rows: sequences.count, blockRows: policy.network.blockRows,
      count: min(passes.count, ThreadCount.shares(ofForward: sequences.count, policy)))
    for index in 0..<parts.count { passes[index].view?.parameters = parameters }
    guard parts.count > 1 else { return try job.run(sequences, on: passes[0]) }
    let shares = SequenceShares(
      job: job, parts: parts, first: sequences.lowerBound, passes: passes, refusals: refusals)
    workers.run(parts.count, shares)
    for index in 0..<parts.count {
      if let refusal = refusals[index] { throw refusal }
    }
  }
}

/// What to compute of sequences.
private protocol SequencesJob {
  func run(_ sequences: Range<Int>, on pass: PolicyPass) throws(Refusal)
}

private struct SamplingJob: SequencesJob {
  let policy: Policy
  let rows: PolicyRows
  let number: Int
  let seed: UInt64
  let step: UInt64
  let explorationStep: UInt64?
  let draws: UnsafeMutablePointer<Float>
  let logProbabilities: UnsafeMutablePointer<Float>

  func run(_ sequences: Range<Int>, on pass: PolicyPass) throws(Refusal) {
    try policy.sample(
      rows, sequences, from: number, on: pass, seed: seed, step: step, explorationStep: explorationStep, draws: draws,
      logProbabilities: logProbabilities)
  }
}

private struct LogProbabilityJob: SequencesJob {
  let policy: Policy
  let rows: PolicyRows
  let draws: UnsafePointer<Float>
  let results: UnsafeMutablePointer<Float>

  func run(_ sequences: Range<Int>, on pass: PolicyPass) throws(Refusal) {
    try policy.logProbability(rows, sequences, draws, areDraws: true, on: pass, into: results)
  }
}

private struct ValueJob: SequencesJob {
  let policy: Policy
  let rows: PolicyRows
  let results: UnsafeMutablePointer<Float>

  func run(_ sequences: Range<Int>, on pass: PolicyPass) throws(Refusal) {
    try policy.value(rows, sequences, on: pass, into: results)
  }
}

/// One share of some sequences for each pass.
private struct SequenceShares<Job: SequencesJob>: PoolJob {
  let job: Job
  let parts: Shards
  let first: Int
  let passes: [PolicyPass]
  let refusals: UnsafeMutablePointer<Refusal?>

  func run(_ index: Int) {
    let own = parts.places(index)
    do throws(Refusal) {
      try job.run(first + own.lowerBound..<first + own.upperBound, on: passes[index])
      refusals[index] = nil
    } catch {
      refusals[index] = error
    }
  }
}
