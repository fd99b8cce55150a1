import KernelShims

// Each draw depends only on (seed, stream, step, row, column): it is word `column % 4` of the Philox counter
// (step low, step high, row, stream << 20 | column / 4) under the key (seed low, seed high). Streams are 0 to 4095,
// columns below 2²², and `result` is `rows` × `columns` without gaps.

/// The generator's words.
public func randomWords(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutablePointer<UInt32>
) {
  draw(.word, seed, stream, step, firstRow, rows, columns, result)
}

/// Uniform in [0, 1), in steps of 2⁻²⁴.
public func uniformDraws(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutablePointer<Float>
) {
  draw(.uniform, seed, stream, step, firstRow, rows, columns, result)
}

/// Standard normal, by the inverse of its cumulative distribution. Symmetric, with tails up to 6.3 σ.
public func normalDraws(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutablePointer<Float>
) {
  draw(.normal, seed, stream, step, firstRow, rows, columns, result)
}

private enum Draw {
  case word, uniform, normal
}

/// Converts words to numbers of the given kind, as bits.
@inline(__always) private func drawn(_ kind: Draw, _ word: Philox.Words) -> Vector {
  switch kind {
  case .word: unsafeBitCast(word, to: Vector.self)
  case .uniform: uniform(word)
  case .normal: normal(word)
  }
}

// Computed, since a stored global is initialised under a lock when it is first read.
private var laneNumbers: Philox.Words {
  @inline(__always) get { Philox.Words(0, 1, 2, 3, 4, 5, 6, 7) }
}

/// Draws eight blocks of four columns at a time: of eight rows, or of one row when rows are few and long.
/// - Parameter result: Words or floats, which have the same size.
@inline(__always) private func draw(
  _ kind: Draw, _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutableRawPointer
) {
  let blocks = (columns + 3) / 4
  let downRows = rows >= blocks
  let rowStep = downRows ? laneNumbers : Philox.Words(repeating: 0)
  let blockStep = downRows ? Philox.Words(repeating: 0) : laneNumbers
  let step0 = Philox.Words(repeating: UInt32(truncatingIfNeeded: step))
  let step1 = Philox.Words(repeating: UInt32(truncatingIfNeeded: step >> 32))
  let streamBits = UInt32(truncatingIfNeeded: stream << 20)
  var row = 0
  while row < rows {
    var block = 0
    while block < blocks {
      let words = Philox(
        step0, step1, UInt32(truncatingIfNeeded: firstRow + row) &+ rowStep,
        (UInt32(truncatingIfNeeded: block) &+ blockStep) | streamBits, seed: seed)
      let word0 = drawn(kind, words.word0)
      if columns == 1 {
        storePartialBytes(word0, result + row * MemoryLayout<Float>.stride, rows - row)
      } else {
        let word1 = drawn(kind, words.word1)
        let word2 = columns > 2 ? drawn(kind, words.word2) : word0
        let word3 = columns > 2 ? drawn(kind, words.word3) : word0
        var blocksOut = BlockWriter(
          next: result + (row * columns + 4 * block) * MemoryLayout<Float>.stride, stride: downRows ? columns : 4,
          blocksLeft: downRows ? rows - row : blocks - block, columnsLeft: columns - 4 * block,
          columnStep: downRows ? 0 : 4)
        blocksOut.write(word0, word1, word2, word3)
      }
      block += downRows ? 1 : 8
    }
    row += downRows ? 8 : 1
  }
}
