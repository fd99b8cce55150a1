/// One run over rows of a rollout: gathers blocks, runs a job on each, and sums the results over shards and ranks.
final class RolloutPass {
  let prepared: PreparedWeights
  private let policy: Policy
  private let workers: WorkerPool
  private let reduction: any Reduction
  private let comparesPolicies: Bool
  private var shardWorkers: [ShardWorker] = []

  /// - Parameter comparesPolicies: Whether jobs run the policy with two sets of parameters.
  init(
    _ policy: Policy, _ workers: WorkerPool, _ reduction: any Reduction, rows: Int, comparesPolicies: Bool
  ) throws(Refusal) {
    self.policy = policy
    self.workers = workers
    self.reduction = reduction
    self.comparesPolicies = comparesPolicies
    prepared = try PreparedWeights(policy.network)
    try reserve(rows: rows)
  }

  /// Prepares for minibatches of `rows` rows.
  func reserve(rows: Int) throws(Refusal) {
    while shardWorkers.count < shards(of: rows).count {
      shardWorkers.append(try ShardWorker(policy.shape, comparesPolicies: comparesPolicies))
    }
  }

  private func shards(of rows: Int) -> Shards { Shards(rows: rows, blockRows: policy.network.blockRows) }

  /// Runs the job over some rows.
  ///
  /// - Parameter rows: Row numbers of the rollout.
  /// - Returns: The sums over all rows. `sum` is valid until the next call.
  func callAsFunction(
    _ job: some RolloutJob, _ rollout: Rollout, rows: UnsafePointer<Int32>, count: Int
  ) -> (sum: UnsafeMutablePointer<Float>, tally: UpdateTally) {
    let shards = shards(of: count)
    let shardWorkers = shardWorkers
    workers.run(shards.count) { shardWorkers[$0].run(job, rollout, rows, places: shards.places($0)) }
    let total = shardWorkers[0].sum
    var tally = shardWorkers[0].tally
    for worker in shardWorkers[1..<shards.count] { tally.add(worker.tally) }
    if job.sumsParameters {
      shards.sum(columns: total.count, workers, policy.kernels) { shardWorkers[$0].sum.pointer }
      reduction.sum(total.pointer, count: total.count)
    }
    reduction.sum(&tally)
    return (total.pointer, tally)
  }
}
