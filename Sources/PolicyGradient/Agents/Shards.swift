/// How rows are dealt to shards: by their number alone, whole blocks to each, so that sums over shards in their order are the
/// same for any number of threads.
struct Shards {
  /// More shards would cost memory, and time to sum them; fewer rows than this are not worth another thread.
  private static let most = 8
  private static let rowsPerShard = 128

  let rows: Int
  let count: Int

  init(rows: Int) {
    self.init(rows: rows, count: min(Shards.most, max(1, rows / Shards.rowsPerShard)))
  }

  /// So many shards, for what is summed over none.
  init(rows: Int, count: Int) {
    self.rows = rows
    self.count = count
  }

  /// The places of a shard's rows.
  func places(_ index: Int) -> Range<Int> {
    let blocks = (rows + Tape.rows - 1) / Tape.rows
    return index * blocks / count * Tape.rows..<min((index + 1) * blocks / count * Tape.rows, rows)
  }

  /// Adds up what the shards came to, in their order, into the first; each thread sums all of them in some of the columns.
  func sum(
    columns: Int, _ workers: WorkerPool, _ kernels: KernelSet, of shard: (Int) -> UnsafeMutablePointer<Float>
  ) {
    guard count > 1 else { return }
    withoutActuallyEscaping(shard) { shard in
      workers.run(count) { part in
        let (first, end) = (part * columns / count, (part + 1) * columns / count)
        for index in 1..<count { kernels.addScaled(shard(0) + first, shard(index) + first, 1, end - first) }
      }
    }
  }
}
