/// The rows of a rollout in the order of learning, cut into sequences of one environment.
///
/// A network without a memory learns from sequences of one row. Rows that are not active are left out.
final class Sequences {
  /// Numbers of the rollout's rows, ``count`` of them.
  private(set) var rows: Buffer<Int32>
  private(set) var count = 0
  private var words: Buffer<UInt32>
  private let seed: UInt64
  private let kernels: KernelSet

  /// - Parameters:
  ///   - count: Rows of the largest rollout.
  ///   - seed: Keys the shuffling.
  init(rows count: Int, seed: UInt64, _ kernels: KernelSet) throws(Refusal) {
    rows = try Buffer(count: count)
    words = try Buffer(count: count)
    self.seed = seed
    self.kernels = kernels
  }

  /// Makes ready for rollouts of so many rows, or leaves all as it was.
  func reserve(rows count: Int) throws(Refusal) {
    guard count > rows.count else { return }
    let rows = try Buffer<Int32>(count: count)
    let words = try Buffer<UInt32>(count: count)
    self.rows = rows
    self.words = words
  }

  /// Takes the active rows of a rollout, in their order.
  func begin(_ rollout: Rollout) {
    count = 0
    for row in 0..<rollout.rows where rollout.isActive(row) {
      rows.pointer[count] = Int32(row)
      count += 1
    }
  }

  /// Orders the sequences by chance.
  /// - Parameter step: Names the order; the same gives the same again.
  func shuffle(step: UInt64) {
    shuffleNumbers(rows.pointer, count, seed: seed, step: step, words: words.pointer, kernels)
  }
}
