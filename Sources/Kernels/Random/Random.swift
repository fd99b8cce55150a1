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

/// Philox4x32-10, eight counters at a time: ten rounds of multiply, exchange and key.
///
/// A counter-based generator: the four words of a counter depend only on counter and key.
/// - Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
struct Philox {
  typealias Words = SIMD8<UInt32>

  var word0: Words
  var word1: Words
  var word2: Words
  var word3: Words

  @inline(__always) init(_ counter0: Words, _ counter1: Words, _ counter2: Words, _ counter3: Words, seed: UInt64) {
    (word0, word1, word2, word3) = (counter0, counter1, counter2, counter3)
    var key0 = UInt32(truncatingIfNeeded: seed)
    var key1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let high0 = kernel_high_product8(word0, 0xD251_1F53)
      let high2 = kernel_high_product8(word2, 0xCD9E_8D57)
      let low0 = word0 &* 0xD251_1F53
      let low2 = word2 &* 0xCD9E_8D57
      (word0, word1, word2, word3) = (high2 ^ word1 ^ key0, low2, high0 ^ word3 ^ key1, low0)
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
  }
}

/// Writes blocks of four numbers one after the other. Each is cut at the end of its row.
struct BlockWriter {
  var next: UnsafeMutableRawPointer
  /// Numbers from one block to the next.
  let stride: Int
  var blocksLeft: Int
  var columnsLeft: Int
  let columnStep: Int

  /// Writes eight blocks, given by one vector for each of their four columns.
  @inline(__always) mutating func write(_ column0: Vector, _ column1: Vector, _ column2: Vector, _ column3: Vector) {
    let (even0, even1) = (kernel_interleave_low8(column0, column2), kernel_interleave_high8(column0, column2))
    let (odd0, odd1) = (kernel_interleave_low8(column1, column3), kernel_interleave_high8(column1, column3))
    writePair(kernel_interleave_low8(even0, odd0))
    writePair(kernel_interleave_high8(even0, odd0))
    writePair(kernel_interleave_low8(even1, odd1))
    writePair(kernel_interleave_high8(even1, odd1))
  }

  @inline(__always) private mutating func writePair(_ pair: Vector) {
    writeBlock(pair)
    writeBlock(kernel_swap_halves8(pair))
  }

  @inline(__always) private mutating func writeBlock(_ block: Vector) {
    guard blocksLeft > 0 else { return }
    kernel_store_partial8(block, next, columnsLeft < 4 ? columnsLeft : 4)
    next += stride * MemoryLayout<Float>.stride
    blocksLeft -= 1
    columnsLeft -= columnStep
  }
}

/// The high 24 bits of each word, as a fraction in [0, 1).
@inline(__always) func uniform(_ word: Philox.Words) -> Vector {
  kernel_from_int8(unsafeBitCast(word &>> 8, to: Mask.self)) * 0x1p-24
}

/// The standard normal quantile of each word. The highest bit is the sign. The other 31 bits, m, give the tail
/// probability p = (m + ½)/2³².
///
/// As in Wichura's AS241, a rational function of q = ½ - p is used in the centre (q ≤ 0.425), and one of √(-ln p) in
/// the tail. Both are minimax fits for floats. q and p are computed from whole numbers, so both are precise when small.
/// - Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988).
@inline(__always) func normal(_ word: Philox.Words) -> Vector {
  let bitPattern = unsafeBitCast(word, to: Mask.self)
  let sign = bitPattern & Mask(repeating: .min)
  let m = bitPattern & Mask(repeating: .max)
  let p = (kernel_from_int8(m) + 0.5) * 0x1p-32
  let q = (kernel_from_int8(Mask(repeating: .max) &- m) + 0.5) * 0x1p-32
  let z = kernel_select8(kernel_less8(q, broadcast(0.425)), centralQuantile(q), tailQuantile(p))
  return float(bits: bits(z) ^ sign)
}

@inline(__always) private func centralQuantile(_ q: Vector) -> Vector {
  let u = q * q
  var top = fused(broadcast(26.580_574_035_644_53), u, -8.212_138_175_964_355)
  top = fused(broadcast(-15.805_413_246_154_785), u, top)
  top = fused(broadcast(2.506_628_274_917_602_5), u, top)
  var bottom = fused(broadcast(16.000_091_552_734_375), u, -9.334_468_841_552_734)
  bottom = fused(broadcast(-7.352_630_615_234_375), u, bottom)
  bottom = fused(broadcast(1), u, bottom)
  return q * top / bottom
}

@inline(__always) private func tailQuantile(_ p: Vector) -> Vector {
  let r = kernel_sqrt8(-logarithm(p))
  var top = fused(broadcast(4.748_266_220_092_773), r, 2.336_429_119_110_107_4)
  top = fused(broadcast(-2.249_657_630_920_41), r, top)
  top = fused(broadcast(-2.765_002_965_927_124), r, top)
  var bottom = fused(broadcast(1.645_020_604_133_606), r, 0.000_235_027_808_230_370_28)
  bottom = fused(broadcast(3.487_095_832_824_707), r, bottom)
  bottom = fused(broadcast(1), r, bottom)
  return top / bottom
}
