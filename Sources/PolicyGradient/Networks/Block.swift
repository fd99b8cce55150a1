/// Rows that pass through a network together: few enough that what they leave stays in cache between the passes.
struct Block {
  let rows: Int
  /// rows × observation size, in the form that the networks read.
  let observations: UnsafePointer<Float>

  /// Bytes that a pass may take, so that it stays in cache between its forward and backward half: a share of the second
  /// level, or of the third where rows are wide.
  private static let budget = 4 << 20

  /// The number of rows in a block: 64, or fewer where rows are so wide that these would not stay in cache. A multiple
  /// of 8.
  static func rows(floatsPerRow: Int) -> Int {
    min(64, max(8, budget / MemoryLayout<Float>.stride / max(floatsPerRow, 1) / 8 * 8))
  }
}
