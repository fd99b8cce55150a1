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
}
