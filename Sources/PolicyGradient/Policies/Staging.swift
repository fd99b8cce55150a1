/// Holds the results of a call of several blocks until all of them are known to be finite, so that a refused call writes nothing.
///
/// One block needs none: it is checked as a whole before it is handed over.
final class Staging {
  /// Rows of so few columns that their numbers fit need no memory of their own.
  private static let rows = 1_024
  private static let largest = 1 << 18

  private let buffer: Buffer<Float>

  /// - Parameter columns: The most numbers of a row.
  init(columns: Int) throws(Refusal) {
    buffer = try Buffer(count: min(Staging.rows * columns, Staging.largest))
  }

  /// A buffer of at least `count` numbers, valid until the next call.
  func temporaryBuffer(_ count: Int) throws(Refusal) -> Buffer<Float> {
    count <= buffer.count ? buffer : try Buffer(count: count)
  }
}
