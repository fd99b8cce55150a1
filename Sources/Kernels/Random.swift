import KernelShims

// Each draw is a function of (seed, stream, step, row, column) alone: word `column % 4` of the Philox counter
// (step low, step high, row, stream << 20 | column / 4) under the key (seed low, seed high). Streams are 0 to 4095,
// columns below 2²², and `result` is `rows` × `columns` without gaps.

/// The generator's words themselves.
public func randomWords(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutablePointer<UInt32>
) {
  draw(.word, seed, stream, step, firstRow, rows, columns, UnsafeMutableRawPointer(result))
}

/// Uniform in [0, 1), in steps of 2⁻²⁴.
public func uniformDraws(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutablePointer<Float>
) {
  draw(.uniform, seed, stream, step, firstRow, rows, columns, UnsafeMutableRawPointer(result))
}

/// Standard normal, by the inverse of its cumulative distribution: symmetric, with tails to 6.3 σ.
public func normalDraws(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutablePointer<Float>
) {
  draw(.normal, seed, stream, step, firstRow, rows, columns, UnsafeMutableRawPointer(result))
}

private enum Draw {
  case word, uniform, normal
}

/// The bits of what is drawn from each word.
@inline(__always) private func drawn(_ kind: Draw, _ word: Philox.Words) -> Philox.Words {
  switch kind {
  case .word: word
  case .uniform: unsafeBitCast(uniform(word), to: Philox.Words.self)
  case .normal: unsafeBitCast(normal(word), to: Philox.Words.self)
  }
}

/// Eight (row, block of four columns) pairs at a time, in the order of memory.
@inline(__always) private func draw(
  _ kind: Draw, _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ result: UnsafeMutableRawPointer
) {
  let blocks = (columns + 3) / 4
  let step0 = Philox.Words(repeating: UInt32(truncatingIfNeeded: step))
  let step1 = Philox.Words(repeating: UInt32(truncatingIfNeeded: step >> 32))
  let streamBits = UInt32(truncatingIfNeeded: stream << 20)
  var row = 0
  var block = 0
  while row < rows && columns > 0 {
    var rowLanes = Philox.Words(repeating: 0)
    var blockLanes = Philox.Words(repeating: 0)
    let start = (row: row, block: block)
    for lane in 0..<8 {
      rowLanes[lane] = UInt32(truncatingIfNeeded: firstRow + row)
      blockLanes[lane] = UInt32(truncatingIfNeeded: block)
      block += 1
      if block == blocks {
        block = 0
        row += 1
      }
    }
    let words = Philox(step0, step1, rowLanes, blockLanes | streamBits, seed: seed)
    let word0 = drawn(kind, words.word0)
    if columns == 1 {
      let destination = (result + 4 * start.row).assumingMemoryBound(to: Float.self)
      store(unsafeBitCast(word0, to: Vector.self), destination, rows - start.row)
      continue
    }
    scatter(word0, 0, start.row, start.block, blocks, rows, columns, result)
    scatter(drawn(kind, words.word1), 1, start.row, start.block, blocks, rows, columns, result)
    scatter(drawn(kind, words.word2), 2, start.row, start.block, blocks, rows, columns, result)
    scatter(drawn(kind, words.word3), 3, start.row, start.block, blocks, rows, columns, result)
  }
}

/// Writes one word of each of the eight blocks, where there is such a row and column.
@inline(__always) private func scatter(
  _ words: Philox.Words, _ offset: Int, _ firstRow: Int, _ firstBlock: Int, _ blocks: Int, _ rows: Int,
  _ columns: Int, _ result: UnsafeMutableRawPointer
) {
  var row = firstRow
  var block = firstBlock
  for lane in 0..<8 {
    let column = 4 * block + offset
    if row < rows && column < columns {
      result.storeBytes(of: words[lane], toByteOffset: 4 * (row * columns + column), as: UInt32.self)
    }
    block += 1
    if block == blocks {
      block = 0
      row += 1
    }
  }
}
