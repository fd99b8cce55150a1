/// One run over sequences of a rollout: gathers blocks, runs a job on each, and sums the results over shards and ranks.
final class RolloutPass {
  let prepared: PreparedWeights
  private let policy: Policy
  private let workers: WorkerPool
  private let ranks: Ranks
  private let comparesPolicies: Bool
  /// One for each thread.
  private var shardWorkers: [ShardWorker] = []
  /// Claimed by the threads that use the workers.
  private let slots: Slots
  /// The sum so far, and one for each shard that is being run: one number per parameter each.
  private var sums: [Buffer<Float>] = []
  /// One for each shard.
  private var tallies: Buffer<UpdateTally>

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
    slots = Slots(count: workers.threads)
    try reserve(rows: rows, steps: steps)
  }

  deinit { slots.deallocate() }

  /// Prepares for minibatches of `rows` rows in sequences of up to `steps` steps.
  func reserve(rows: Int, steps: Int) throws(Refusal) {
    let shards = Shards(sequences: max(1, rows / max(steps, 1)), steps: steps, of: policy.network)
    let threads = min(workers.threads, shards.count)
    while sums.count < min(threads + 1, shards.count) { sums.append(try Buffer(count: policy.parameters.count)) }
    let capacity = policy.network.blockRows(ofSteps: steps)
    var shardWorkers = shardWorkers.filter { $0.pass.capacity >= capacity }
    while shardWorkers.count < threads {
      shardWorkers.append(
        try ShardWorker(policy.shape, capacity: capacity, comparesPolicies: comparesPolicies))
    }
    self.shardWorkers = shardWorkers
  }

  /// Runs the job over the sequences at some places of their order.
  ///
  /// - Returns: The sums over all rows. `sum` is valid until the next call.
  func callAsFunction(
    _ job: some RolloutJob, _ rollout: Rollout, _ sequences: Sequences, _ places: Range<Int>
  ) -> (sum: UnsafeMutablePointer<Float>, tally: UpdateTally) {
    let shards = Shards(sequences: places.count, steps: sequences.steps, of: policy.network)
    var first = 0
    while first < shards.count {
      let running = min(workers.threads, shards.count - first)
      run(job, rollout, sequences, places, shards, first..<first + running)
      first += running
    }
    let total = sums[0]
    var tally = tallies.pointer[0]
    for shard in 1..<shards.count { tally.add(tallies.pointer[shard]) }
    if job.sumsParameters { ranks.sum(total.pointer, count: total.count) }
    ranks.sum(&tally)
    return (total.pointer, tally)
  }

  /// Runs the job over some shards at the same time, and adds their results to the first sum. The first shard of all
  /// writes it.
  private func run(
    _ job: some RolloutJob, _ rollout: Rollout, _ sequences: Sequences, _ places: Range<Int>, _ shards: Shards,
    _ running: Range<Int>
  ) {
    let (shardWorkers, sums, tallies) = (shardWorkers, sums, tallies.pointer)
    let firstSum = running.lowerBound == 0 ? 0 : 1
    workers.run(running.count) { index in
      guard let slot = slots.claimAny() else { return }
      defer { slots.release(slot) }
      let shard = running.lowerBound + index
      let own = shards.places(shard)
      let worker = shardWorkers[slot]
      worker.run(
        job, rollout, sequences, places.lowerBound + own.lowerBound..<places.lowerBound + own.upperBound,
        lanes: shards.blockRows, into: sums[firstSum + index])
      tallies[shard] = worker.tally
    }
    if job.sumsParameters { addSums(1..<firstSum + running.count, parts: running.count) }
  }

  /// Adds some sums to the first, in their order. Each thread adds a part of the columns.
  private func addSums(_ added: Range<Int>, parts: Int) {
    guard !added.isEmpty else { return }
    let (sums, kernels) = (sums, policy.kernels)
    workers.run(parts) { part in
      let (total, columns) = (sums[0].pointer, sums[0].count)
      let (first, end) = (part * columns / parts, (part + 1) * columns / parts)
      for index in added { kernels.addScaled(total + first, sums[index].pointer + first, 1, end - first) }
    }
  }
}
