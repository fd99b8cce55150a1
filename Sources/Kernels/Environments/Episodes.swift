import KernelShims

// The shared parts of the environments' kernels. Eight environments move at a time, in double precision and with the
// order of operations of Gymnasium, so that both give the same trajectory from the same state. Multiply-adds are not
// fused, so all builds give the same bits. Number k of environment i's state is at `states[k * stride + i]`. `stride`
// is a multiple of eight, and the numbers from `count` to the next multiple may be written too. Observations are
// row-major.

/// `low + (high - low) * uniform`.
@inline(__always) func interpolate(_ uniform: Wide, low: Double, high: Double) -> Wide { low + (high - low) * uniform }

@inline(__always) func clamp(_ x: Wide, _ low: Double, _ high: Double) -> Wide {
  kernel_min_wide8(kernel_max_wide8(x, broadcastWide(low)), broadcastWide(high))
}

@inline(__always) func clamp(_ x: Vector, _ low: Float, _ high: Float) -> Vector {
  kernel_min8(kernel_max8(x, broadcast(low)), broadcast(high))
}

/// Writes up to eight rows of up to four columns.
@inline(__always) func storeRows(
  _ column0: Vector, _ column1: Vector, _ column2: Vector, _ column3: Vector,
  _ destination: UnsafeMutablePointer<Float>, stride: Int, columns: Int, _ count: Int
) {
  var writer = BlockWriter(
    next: destination, stride: stride, blocksLeft: count, columnsLeft: columns, columnStep: 0)
  writer.write(column0, column1, column2, column3)
}

/// Draws the uniform numbers in [0, 1) from which episodes begin. Number k of the i-th episode is at
/// `result[k * stride + i]`. It consists of 53 bits of the words 2k and 2k + 1 of ``randomWords`` for the number of
/// the first row of the group of `rows[i]` and the step `episodes[rows[i]]`.
///
/// - Parameters:
///   - columns: Numbers per episode; even.
///   - firstNumber: The number of row 0.
///   - groupSize: Neighbouring rows whose episodes begin alike; 1 without groups.
func episodeUniforms(
  _ seed: UInt64, _ stream: Int, _ count: Int, _ columns: Int, _ firstNumber: Int, _ groupSize: Int,
  _ rows: UnsafePointer<Int32>, _ episodes: UnsafePointer<UInt64>, _ result: UnsafeMutablePointer<Double>, _ stride: Int
) {
  var i = 0
  while i < count {
    let left = count - i
    func eachLane(_ value: (Int) -> UInt32) -> Philox.Words {
      func lane(_ k: Int) -> UInt32 { value(Int(rows[i + (k < left ? k : left - 1)])) }
      return Philox.Words(lane(0), lane(1), lane(2), lane(3), lane(4), lane(5), lane(6), lane(7))
    }
    let row = eachLane { UInt32(truncatingIfNeeded: firstNumber + (groupSize == 1 ? $0 : $0 - $0 % groupSize)) }
    let step0 = eachLane { UInt32(truncatingIfNeeded: episodes[$0]) }
    let step1 = eachLane { UInt32(truncatingIfNeeded: episodes[$0] >> 32) }
    var column = 0
    while column < columns {
      let block = Philox.Words(repeating: UInt32(truncatingIfNeeded: stream << 20 | column / 2))
      let words = Philox(step0, step1, row, block, seed: seed)
      kernel_store_wide8(uniform(words.word0, words.word1), result + column * stride + i)
      kernel_store_wide8(uniform(words.word2, words.word3), result + (column + 1) * stride + i)
      column += 2
    }
    i += 8
  }
}

@inline(__always) private func uniform(_ high: Philox.Words, _ low: Philox.Words) -> Wide {
  (wholeNumbers(high &>> 5) * 0x1p26 + wholeNumbers(low &>> 6)) * 0x1p-53
}

/// Words below 2³¹ as numbers.
@inline(__always) private func wholeNumbers(_ words: Philox.Words) -> Wide {
  kernel_wide_from_int8(unsafeBitCast(words, to: Mask.self))
}

/// Counts one more step in each environment, truncates episodes after `limit` steps, and writes the numbers of the
/// environments whose episode was terminated or truncated to `ended`.
///
/// - Parameters:
///   - first: The number of the first environment.
///   - ended: Room for `count` numbers.
/// - Returns: How many episodes ended.
func advanceEpisodes(
  _ count: Int, _ first: Int, _ limit: Int32, _ episodeSteps: UnsafeMutablePointer<Int32>,
  _ terminated: UnsafePointer<UInt8>,
  _ truncated: UnsafeMutablePointer<UInt8>, _ ended: UnsafeMutablePointer<Int32>
) -> Int {
  var endedCount = 0
  var i = 0
  while i < count {
    let left = count - i
    let steps = kernel_load_int8(episodeSteps + i, left) &+ 1
    kernel_store_int8(steps, episodeSteps + i, left)
    let isTruncated = (Mask(repeating: limit - 1) &- steps) &>> 31
    storeFlags(isTruncated, truncated + i, left)
    // Lanes after the last are loaded with step 0 and flag 0, so no episode ends in them.
    var flags = kernel_pack_flags8(kernel_load_flags8(terminated + i, left) | isTruncated)
    while flags != 0 {
      ended[endedCount] = Int32(truncatingIfNeeded: first + i + flags.trailingZeroBitCount / 8)
      endedCount += 1
      flags &= flags &- 1
    }
    i += 8
  }
  return endedCount
}
