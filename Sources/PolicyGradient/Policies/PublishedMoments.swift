import KernelShims

/// The moments and the limit of a policy's normaliser as readers on any thread see them, all from one moment in time.
///
/// A writer never waits, and a reader only repeats what it has read while the writer wrote. There are two copies. While
/// the version is odd, readers use the second and the writer writes the first; while it is even, the other way round.
/// - Source: the latches of Linux, "Sequence counters and sequential locks", kernel documentation.
final class PublishedMoments {
  /// Whether there is a normaliser, its count and limit, and a mean and a variance for each column, all as bits.
  private let copies: Buffer<Int64>
  private let columns: Int
  private let version: UnsafeMutablePointer<Int64>

  private enum Word { static let exists = 0, count = 1, limit = 2, moments = 3 }

  init(columns: Int) throws(Refusal) {
    self.columns = columns
    copies = try Buffer(count: 2 * (Word.moments + 2 * columns))
    version = .allocate(capacity: 1)
    version.initialize(to: 0)
  }

  deinit { version.deallocate() }

  /// Changes with every publication.
  @inline(__always) var currentVersion: Int64 { kernel_atomic_load(version) }

  /// Shows the moments of a normaliser to readers; `nil` for none.
  func publish(_ moments: RunningMoments?, limit: Double = 0) {
    for _ in 0..<2 {
      let writing = kernel_atomic_load(version) + 1
      kernel_atomic_publish(version, writing)
      write(moments, limit, to: copy(1 - Int(writing & 1)))
    }
  }

  private func write(_ moments: RunningMoments?, _ limit: Double, to words: UnsafeMutablePointer<Int64>) {
    kernel_atomic_publish(words + Word.exists, moments == nil ? 0 : 1)
    guard let moments else { return }
    kernel_atomic_publish(words + Word.count, moments.count)
    kernel_atomic_publish(words + Word.limit, Int64(bitPattern: limit.bitPattern))
    let (means, variances) = (words + Word.moments, words + Word.moments + columns)
    for column in 0..<columns {
      kernel_atomic_publish(means + column, Int64(bitPattern: moments.means.pointer[column].bitPattern))
      kernel_atomic_publish(variances + column, Int64(bitPattern: moments.variances.pointer[column].bitPattern))
    }
  }

  /// Copies the published moments, if there are any, to a reader's own.
  ///
  /// - Parameter makeMoments: Returns the reader's own.
  /// - Returns: The published limit, or `nil` if there is no normaliser; and the version that was read.
  func read(
    into makeMoments: () throws(Refusal) -> RunningMoments
  ) throws(Refusal) -> (limit: Double?, version: Int64) {
    while true {
      let before = currentVersion
      let words = copy(Int(before & 1))
      let limit = kernel_atomic_load(words + Word.exists) != 0 ? read(words, into: try makeMoments()) : nil
      if currentVersion == before { return (limit, before) }
    }
  }

  /// - Returns: The limit.
  private func read(_ words: UnsafeMutablePointer<Int64>, into moments: RunningMoments) -> Double {
    func number(_ place: UnsafeMutablePointer<Int64>) -> Double {
      Double(bitPattern: UInt64(bitPattern: kernel_atomic_load(place)))
    }
    moments.count = kernel_atomic_load(words + Word.count)
    let (means, variances) = (words + Word.moments, words + Word.moments + columns)
    for column in 0..<columns {
      moments.means.pointer[column] = number(means + column)
      moments.variances.pointer[column] = number(variances + column)
    }
    return number(words + Word.limit)
  }

  private func copy(_ index: Int) -> UnsafeMutablePointer<Int64> {
    copies.pointer + index * (Word.moments + 2 * columns)
  }
}
