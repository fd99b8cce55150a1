import KernelShims

/// How rollouts store observations: the columns of vectors, choices and float images as floats, followed by the numbers
/// of images and bitmaps as bytes. Without bytes that is the observation itself.
final class ObservationPacking: Sendable {
  /// Floats of an observation.
  let columns: Int
  /// The memory of a stored row, in floats.
  let storedSize: Int
  let hasBytes: Bool
  private let pieces: [Piece]
  private let kernels: KernelSet

  /// Columns that are stored in the same way, and the byte of a stored row where they begin.
  private struct Piece {
    let columns: Range<Int>
    let isBytes: Bool
    let place: Int
  }

  /// - Parameters:
  ///   - parts: Empty for one vector.
  ///   - columns: Floats of an observation.
  init(_ parts: [ObservationPart], columns: Int, _ kernels: KernelSet) {
    var (pieces, end): ([Piece], Int) = ([], 0)
    for isBytes in [false, true] {
      for (part, first) in zip(parts, parts.places) where part.kind.holdsBytes == isBytes {
        pieces.append(Piece(columns: first..<first + part.columns, isBytes: isBytes, place: end))
        end += part.columns * (isBytes ? 1 : MemoryLayout<Float>.stride)
      }
    }
    self.pieces = pieces
    self.kernels = kernels
    self.columns = columns
    hasBytes = pieces.contains(where: \.isBytes)
    storedSize = hasBytes ? (end + 3) / MemoryLayout<Float>.stride : columns
  }

  /// Stores observations, whose images and bitmaps hold whole numbers from 0 to 255.
  func pack(_ observations: UnsafePointer<Float>, rows: Int, into stored: UnsafeMutablePointer<Float>) {
    guard hasBytes else { return stored.update(from: observations, count: rows * columns) }
    for row in 0..<rows {
      let (source, target) = (observations + row * columns, UnsafeMutableRawPointer(stored + row * storedSize))
      for piece in pieces {
        let (first, count) = (source + piece.columns.lowerBound, piece.columns.count)
        if piece.isBytes {
          kernels.packBytes(first, count, target + piece.place)
        } else {
          (target + piece.place).copyMemory(from: first, byteCount: count * MemoryLayout<Float>.stride)
        }
      }
    }
  }

  /// The reverse of ``pack(_:rows:into:)``.
  func unpack(_ stored: UnsafePointer<Float>, rows: Int, into observations: UnsafeMutablePointer<Float>) {
    guard hasBytes else { return observations.update(from: stored, count: rows * columns) }
    for row in 0..<rows { unpackRow(stored + row * storedSize, into: observations + row * columns) }
  }

  /// Unpacks the stored rows with these numbers.
  func gather(
    _ numbers: UnsafePointer<Int32>, count: Int, of stored: UnsafePointer<Float>,
    into observations: UnsafeMutablePointer<Float>
  ) {
    guard hasBytes else {
      return kernels.gatherRows(
        count, columns, Rows(base: stored, stride: columns), numbers, MutableRows(base: observations, stride: columns))
    }
    for place in 0..<count {
      unpackRow(stored + Int(numbers[place]) * storedSize, into: observations + place * columns)
    }
  }

  private func unpackRow(_ stored: UnsafePointer<Float>, into observation: UnsafeMutablePointer<Float>) {
    let source = UnsafeRawPointer(stored)
    for piece in pieces {
      let (first, count) = (observation + piece.columns.lowerBound, piece.columns.count)
      if piece.isBytes {
        kernels.unpackBytes(source + piece.place, count, first)
      } else {
        UnsafeMutableRawPointer(first).copyMemory(
          from: source + piece.place, byteCount: count * MemoryLayout<Float>.stride)
      }
    }
  }
}
