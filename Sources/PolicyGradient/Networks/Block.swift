/// Rows that pass through a network together; few enough that their activations stay in cache between passes.
struct Block {
  let rows: Int
  /// rows × observation size, normalised if the policy has a normaliser.
  let observations: UnsafePointer<Float>

  /// The most bytes of a pass, so that it stays in cache between forward and backward: in the second level, or in the
  /// third if rows are wide.
  private static let budget = 4 << 20

  /// The number of rows in a block: 64, or fewer if rows are so wide that 64 would not stay in cache. A multiple of 8.
  static func rows(floatsPerRow: Int) -> Int {
    min(64, max(8, budget / MemoryLayout<Float>.stride / max(floatsPerRow, 1) / 8 * 8))
  }

  /// The most bytes of a pass over images.
  private static let imageBudget = 32 << 20

  /// The number of rows in a block of images, which stay in cache one by one at best: as many as it takes to read the
  /// weights of a dense layer rarely, if memory allows it.
  static func imageRows(floatsPerRow: Int) -> Int {
    let cached = rows(floatsPerRow: floatsPerRow)
    if cached >= 24 { return cached }
    let most = min(24, imageBudget / MemoryLayout<Float>.stride / floatsPerRow)
    return most >= 8 ? most / 8 * 8 : max(1, most)
  }

  // MARK: Sequences

  /// The most bytes of a pass over sequences, whose backward pass needs all their steps.
  private static let sequenceBudget = 16 << 20

  /// The most sequences of `steps` steps in a block that is learned from. Two products of 8 rows each take longer than
  /// one of 16, so there are many if memory allows it.
  static func mostSequences(steps: Int, _ network: Network) -> Int {
    guard steps > 1 else { return network.blockRows }
    let count = sequenceBudget / MemoryLayout<Float>.stride / (steps * network.floatsPerRow)
    return count >= 8 ? min(32, count / 8 * 8) : max(1, count)
  }

  /// The rows of the largest block of sequences of up to `steps` steps.
  static func capacity(steps: Int, _ network: Network) -> Int {
    guard steps > 1 else { return network.blockRows }
    let most = sequenceBudget / MemoryLayout<Float>.stride / network.floatsPerRow
    return max(steps, network.blockRows, min(32 * steps, most))
  }
}
