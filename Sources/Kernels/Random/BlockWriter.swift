import KernelShims

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
