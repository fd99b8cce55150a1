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
}
