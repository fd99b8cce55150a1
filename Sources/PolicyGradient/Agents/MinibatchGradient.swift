/// The gradient of a minibatch, dealt to shards.
final class MinibatchGradient {
  /// More shards would cost memory, and time to sum them; fewer rows than this are not worth another thread.
  private static let mostShards = 8
  private static let rowsPerShard = 128

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
    while shards.count < shardCount(rows) { shards.append(try ShardPass(policy)) }
  }

  private func shardCount(_ rows: Int) -> Int {
    min(MinibatchGradient.mostShards, max(1, rows / MinibatchGradient.rowsPerShard))
  }

  /// Computes the gradient of `job`, which stays valid until the next call.
  func callAsFunction(_ job: MinibatchJob) -> (gradient: UnsafePointer<Float>, tally: UpdateTally) {
    let count = shardCount(job.count)
    let blocks = (job.count + Tape.rows - 1) / Tape.rows
    let shards = shards
    workers.run(count) { index in
      let first = index * blocks / count * Tape.rows
      let end = min((index + 1) * blocks / count * Tape.rows, job.count)
      shards[index].run(job, places: first..<end)
    }
    let total = shards[0].gradient
    var tally = shards[0].tally
    for shard in shards[1..<count] {
      policy.kernels.addScaled(total.pointer, shard.gradient.pointer, 1, total.count)
      tally.add(shard.tally)
    }
    return (UnsafePointer(total.pointer), tally)
  }
}
