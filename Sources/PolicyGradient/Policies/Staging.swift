/// Holds the results of a call until all of them are known to be finite, so that a refused call writes nothing.
///
/// A call with one block and without final states does not need it: the block is checked before it is copied.
final class Staging {
  /// The buffer holds this many rows, but at most ``largest`` numbers. Larger calls allocate memory.
  private static let rows = 1_024
  private static let largest = 1 << 18

  private let buffer: Buffer<Float>

  /// - Parameter columns: The most numbers per row.
  init(columns: Int) throws(Refusal) {
    buffer = try Buffer(count: min(Staging.rows * columns, Staging.largest))
  }

  /// A buffer of at least `count` numbers, valid until the next call.
  func temporaryBuffer(_ count: Int) throws(Refusal) -> Buffer<Float> {
    count <= buffer.count ? buffer : try Buffer(count: count)
  }
}
