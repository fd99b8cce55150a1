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
  /// The sums of the shards, one number per parameter each, and their tallies.
  private var sums: [Buffer<Float>] = []
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
    while sums.count < shards.count { sums.append(try Buffer(count: policy.parameters.count)) }
    let capacity = policy.network.blockRows(ofSteps: steps)
    var shardWorkers = shardWorkers.filter { $0.pass.capacity >= capacity }
    while shardWorkers.count < min(workers.threads, sums.count) {
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
    let (shardWorkers, sums, tallies) = (shardWorkers, sums, tallies.pointer)
    workers.run(shards.count) { shard in
      guard let slot = slots.claimAny() else { return }
      defer { slots.release(slot) }
      let own = shards.places(shard)
      let worker = shardWorkers[slot]
      worker.run(
        job, rollout, sequences, places.lowerBound + own.lowerBound..<places.lowerBound + own.upperBound,
        lanes: shards.blockRows, into: sums[shard])
      tallies[shard] = worker.tally
    }
    let total = sums[0]
    var tally = tallies[0]
    for shard in 1..<max(shards.count, 1) { tally.add(tallies[shard]) }
    if job.sumsParameters {
      shards.sum(columns: total.count, workers, policy.kernels) { sums[$0].pointer }
      ranks.sum(total.pointer, count: total.count)
    }
    ranks.sum(&tally)
    return (total.pointer, tally)
  }
}
