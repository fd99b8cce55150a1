/// One run over sequences of a rollout: gathers blocks, runs a job on each, and sums the results over shards and ranks.
///
/// A run can pause after any block. That changes no bit, because each shard sums its own blocks in their order.
final class RolloutPass {
  let prepared: PreparedWeights
  private let policy: Policy
  private let workers: WorkerPool
  private let ranks: Ranks
  private let comparesPolicies: Bool
  /// The largest number of shards for which there is room.
  private var mostShards = 1
  /// One for each thread.
  private var shardWorkers: [ShardWorker] = []
  /// Claimed by the threads that use the workers.
  private let slots: Slots
  /// The sum so far, and one for each shard that is being run: one number per parameter each.
  private var sums: [Buffer<Float>] = []
  /// One for each shard.
  private var tallies: Buffer<UpdateTally>

  /// What the current run goes through; `nil` between runs.
  private var run: Run?
  /// The first shard whose result is not in the sum yet.
  private var firstShard = 0
  /// The first place that each shard has not run yet; ``notBegun`` before its first.
  private let next: Buffer<Int64>

  private struct Run {
    let rollout: Rollout
    let sequences: Sequences
    let places: Range<Int>
    let shards: Shards

    func places(_ shard: Int) -> Range<Int> {
      let own = shards.places(shard)
      return places.lowerBound + own.lowerBound..<places.lowerBound + own.upperBound
    }
  }

  private static let notBegun: Int64 = -1

  /// - Parameter comparesPolicies: Whether jobs run the policy with two sets of parameters.
  init(
    _ policy: Policy, _ workers: WorkerPool, _ ranks: Ranks, rows: Int, steps: Int, comparesPolicies: Bool
  ) throws(Refusal) {
    self.policy = policy
    self.workers = workers
    self.ranks = ranks
    self.comparesPolicies = comparesPolicies
    prepared = try PreparedWeights(policy.network)
    tallies = try Buffer(count: Shards.maximumCount)
    next = try Buffer(count: Shards.maximumCount)
    slots = Slots(count: workers.threads)
    try reserve(rows: rows, steps: steps)
  }

  deinit { slots.deallocate() }

  /// Prepares for minibatches of `rows` rows in sequences of up to `steps` steps.
  func reserve(rows: Int, steps: Int) throws(Refusal) {
    let shards = Shards.most(rows: max(1, rows / max(steps, 1)) * steps)
    mostShards = max(mostShards, shards)
    let threads = min(workers.threads, shards)
    while sums.count < min(threads + 1, shards) { sums.append(try Buffer(count: policy.parameters.count)) }
    let capacity = policy.network.blockRows(ofSteps: steps)
    var shardWorkers = shardWorkers.filter { $0.pass.capacity >= capacity }
    while shardWorkers.count < threads {
      shardWorkers.append(
        try ShardWorker(policy.shape, capacity: capacity, comparesPolicies: comparesPolicies))
    }
    self.shardWorkers = shardWorkers
  }

  /// Whether a run has begun and is not complete.
  var isRunning: Bool { run != nil }

  /// Sums over the rows of the last complete run. ``sum`` is valid until the next one begins.
  var sum: UnsafeMutablePointer<Float> { sums[0].pointer }
  private(set) var tally = UpdateTally()

  /// Begins a run over the sequences at some places of their order.
  func begin(_ rollout: Rollout, _ sequences: Sequences, _ places: Range<Int>) {
    // A rank may have more rows than its share if others have fewer.
    let shards = Shards(sequences: places.count, steps: sequences.steps, of: policy.network).atMost(mostShards)
    run = Run(rollout: rollout, sequences: sequences, places: places, shards: shards)
    firstShard = 0
    next.elements.update(repeating: RolloutPass.notBegun)
  }

  /// Drops an incomplete run. No thread may be in it, except one that a fork left behind.
  func cancel() {
    run = nil
    slots.releaseAll()
  }

  /// Continues the run by at least one block.
  /// - Returns: Whether it is complete; otherwise the budget is used up.
  func advance(_ job: some RolloutJob, _ budget: TimeBudget) -> Bool {
    guard let run else { return true }
    let count = run.shards.count
    while firstShard < count {
      let running = firstShard..<firstShard + min(workers.threads, count - firstShard)
      guard advance(job, run, running, budget) else { return false }
      firstShard = running.upperBound
      if firstShard < count, budget.isUsedUp { return false }
    }
    tally = tallies.pointer[0]
    for shard in 1..<count { tally.add(tallies.pointer[shard]) }
    if job.sumsParameters { ranks.sum(sum, count: policy.parameters.count) }
    ranks.sum(&tally)
    self.run = nil
    return true
  }

  /// Continues some shards at the same time. When they are complete, adds their results to the first sum, which the
  /// first shard of all writes.
  /// - Returns: Whether they are complete.
  private func advance(_ job: some RolloutJob, _ run: Run, _ running: Range<Int>, _ budget: TimeBudget) -> Bool {
    let firstSum = running.lowerBound == 0 ? 0 : 1
    let mustRun = running.first { !isDone($0, of: run) }
    if running.count == 1 {
      advance(0, job, run, running, budget, firstSum: firstSum, mustRun: mustRun)
    } else {
      let pieces = ShardPieces(
        pass: self, job: job, run: run, running: running, budget: budget, firstSum: firstSum, mustRun: mustRun)
      workers.run(running.count, pieces)
    }
    guard running.allSatisfy({ isDone($0, of: run) }) else { return false }
    if job.sumsParameters { addSums(1..<firstSum + running.count, parts: running.count) }
    return true
  }

  private func isDone(_ shard: Int, of run: Run) -> Bool {
    next.pointer[shard] == Int64(run.places(shard).upperBound)
  }

  /// A piece is one of the running shards.
  private struct ShardPieces<Job: RolloutJob>: PoolJob {
    let pass: RolloutPass
    let job: Job
    let run: Run
    let running: Range<Int>
    let budget: TimeBudget
    let firstSum: Int
    let mustRun: Int?

    func run(_ index: Int) {
      pass.advance(index, job, run, running, budget, firstSum: firstSum, mustRun: mustRun)
    }
  }

  /// Continues one of the running shards, as far as the budget allows; `mustRun` runs at least one block.
  private func advance(
    _ index: Int, _ job: some RolloutJob, _ run: Run, _ running: Range<Int>, _ budget: TimeBudget, firstSum: Int,
    mustRun: Int?
  ) {
    let shard = running.lowerBound + index
    guard !isDone(shard, of: run), shard == mustRun || !budget.isUsedUp, let slot = slots.claimAny() else { return }
    defer { slots.release(slot) }
    let (next, tallies) = (next.pointer, tallies.pointer)
    let (own, worker, isNew) = (run.places(shard), shardWorkers[slot], next[shard] == RolloutPass.notBegun)
    worker.tally = isNew ? UpdateTally() : tallies[shard]
    let left = isNew ? own : Int(next[shard])..<own.upperBound
    let end = worker.run(
      job, run.rollout, run.sequences, left, lanes: run.shards.blockRows, into: sums[firstSum + index], isNew: isNew,
      budget)
    tallies[shard] = worker.tally
    next[shard] = Int64(end)
  }

  /// Adds some sums to the first, in their order. Each thread adds a part of the columns.
  private func addSums(_ added: Range<Int>, parts: Int) {
    guard !added.isEmpty else { return }
    workers.run(parts, ColumnParts(sums: sums, kernels: policy.kernels, added: added, parts: parts))
  }

  private struct ColumnParts: PoolJob {
    let sums: [Buffer<Float>]
    let kernels: KernelSet
    let added: Range<Int>
    let parts: Int

    func run(_ part: Int) {
      let (total, columns) = (sums[0].pointer, sums[0].count)
      let (first, end) = (part * columns / parts, (part + 1) * columns / parts)
      for index in added { kernels.addScaled(total + first, sums[index].pointer + first, 1, end - first) }
    }
  }
}

extension Rollout {
  /// The rows of so many steps, at most one more than there are.
  func policyRows(steps: Int) -> PolicyRows {
    let count = steps * environments
    guard stateSize > 0 else {
      return PolicyRows(observations.pointer, as: .packed, count: count, masks: masks.all)
    }
    return PolicyRows(
      observations.pointer, as: .packed, count: count, masks: masks.all, steps: steps, states: states.pointer,
      starts: starts.pointer)
  }

  /// The rows of some steps, without masks, given the hidden states before the first of them.
  ///
  /// - Parameter carry: Holds these states, unless the steps are the rollout's first; receives those after the last.
  func policyRows(_ steps: Range<Int>, carry: UnsafeMutablePointer<Float>) -> PolicyRows {
    let first = steps.lowerBound * environments
    return PolicyRows(
      observations.pointer + first * packing.storedSize, as: .packed, count: steps.count * environments,
      steps: steps.count, states: first == 0 ? states.pointer : carry, finalStates: carry,
      starts: starts.pointer + first)
  }
}
