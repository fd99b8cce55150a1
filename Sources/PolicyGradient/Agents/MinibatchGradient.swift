/// The gradient of a minibatch, dealt to shards.
final class MinibatchGradient {
  let transposes: Transposes
  private let policy: Policy
  private let workers: WorkerPool
  private var shards: [ShardPass] = []

  init(_ policy: Policy, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    self.policy = policy
    self.workers = workers
    transposes = try Transposes(policy)
    try reserve(rows: rows)
  }

  /// Makes ready for minibatches of so many rows.
  func reserve(rows: Int) throws(Refusal) {
    while shards.count < Shards(rows: rows).count { shards.append(try ShardPass(policy)) }
  }

  /// Computes the mean gradient of `job` over its rows, which stays valid until the next call.
  func callAsFunction(_ job: MinibatchJob) -> (gradient: Gradient, tally: UpdateTally) {
    let parts = Shards(rows: job.count)
    let shards = shards
    workers.run(parts.count) { shards[$0].run(job, places: parts.places($0)) }
    let total = shards[0].gradient
    var tally = shards[0].tally
    for shard in shards[1..<parts.count] { tally.add(shard.tally) }
    parts.sum(columns: total.count, workers, policy.kernels) { shards[$0].gradient.pointer }
    return (Gradient(sum: UnsafePointer(total.pointer), scale: 1 / Float(tally.rows)), tally)
  }
}
