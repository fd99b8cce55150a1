/// The active rows of a rollout in the order in which they are learned from.
///
/// Each sequence is one row, since the networks have no memory.
final class Sequences {
  /// Row numbers of the rollout; the first ``count`` are valid.
  private(set) var rows: Buffer<Int32>
  private(set) var count = 0
  /// Memory for the random words of a shuffle, one for each row.
  private var words: Buffer<UInt32>
  private let seed: UInt64
  private let kernels: KernelSet

  /// - Parameters:
  ///   - count: Rows of the largest rollout.
  ///   - seed: The seed of the shuffle.
  init(rows count: Int, seed: UInt64, _ kernels: KernelSet) throws(Refusal) {
    rows = try Buffer(count: count)
    words = try Buffer(count: count)
    self.seed = seed
    self.kernels = kernels
  }

  /// Prepares for rollouts of `count` rows. If it throws, nothing has changed.
  func reserve(rows count: Int) throws(Refusal) {
    guard count > rows.count else { return }
    let rows = try Buffer<Int32>(count: count)
    let words = try Buffer<UInt32>(count: count)
    self.rows = rows
    self.words = words
  }

  /// Starts with the active rows of a rollout, in their order.
  func begin(_ rollout: Rollout) {
    count = 0
    for row in 0..<rollout.rows where rollout.isActive(row) {
      rows.pointer[count] = Int32(row)
      count += 1
    }
  }

  /// Shuffles the sequences.
  /// - Parameter step: The key of the order; the same step gives the same order.
  func shuffle(step: UInt64) {
    shuffleNumbers(rows.pointer, count, seed: seed, step: step, words: words.pointer, kernels)
  }
}
