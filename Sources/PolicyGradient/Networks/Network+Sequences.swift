// How many sequences pass through a network together.

extension Network {
  /// The most bytes of a pass over sequences, whose backward pass needs all their steps.
  private static let sequenceBudget = 16 << 20

  /// Rows that such a pass has memory for.
  private var sequenceRows: Int { Network.sequenceBudget / MemoryLayout<Float>.stride / floatsPerRow }

  /// The most sequences of `steps` steps in a block that is learned from. Two products of 8 rows each take longer than
  /// one of 16, so there are many if memory allows it.
  func mostSequences(steps: Int) -> Int {
    guard steps > 1 else { return blockRows }
    let count = sequenceRows / steps
    return count >= 8 ? min(32, count / 8 * 8) : max(1, count)
  }

  /// The rows of the largest block of sequences of up to `steps` steps.
  func blockRows(ofSteps steps: Int) -> Int {
    guard steps > 1 else { return blockRows }
    return max(steps, blockRows, min(32 * steps, sequenceRows))
  }
}
