/// Splits rows, or sequences, into shards of whole blocks. The split depends only on their number, so sums over shards
/// in their order have the same bits for any number of threads.
struct Shards {
  /// More shards would cost memory and time to sum.
  static let maximumCount = 8
  /// Fewer rows per shard are not worth another thread.
  private static let rowsPerShard = 128

  let rows: Int
  let count: Int
  /// Rows in a block.
  let blockRows: Int

  /// Splits sequences of `steps` steps; a row of the split is a sequence.
  init(sequences count: Int, steps: Int, of network: Network) {
    let most = network.mostSequences(steps: steps)
    // At least two blocks of whole vectors, so that two threads have something to do.
    let half = (count + 15) / 16 * 8
    self.init(
      rows: count, blockRows: steps > 1 ? min(most, max(8, half)) : most,
      count: min(Shards.maximumCount, max(1, count * steps / Shards.rowsPerShard)))
  }

  /// Splits rows into `count` shards.
  init(rows: Int, blockRows: Int, count: Int) {
    self.rows = rows
    self.blockRows = blockRows
    self.count = count
  }

  /// The positions of a shard's rows.
  func places(_ index: Int) -> Range<Int> {
    let blocks = (rows + blockRows - 1) / blockRows
    return index * blocks / count * blockRows..<min((index + 1) * blocks / count * blockRows, rows)
  }
}
