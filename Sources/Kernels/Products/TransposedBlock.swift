/// Eight columns of a matrix, with as many rows as there are lanes.
struct TransposedBlock {
  var (column0, column1, column2, column3) = (
    broadcastLanes(0), broadcastLanes(0), broadcastLanes(0), broadcastLanes(0)
  )
  var (column4, column5, column6, column7) = (
    broadcastLanes(0), broadcastLanes(0), broadcastLanes(0), broadcastLanes(0)
  )

  @inline(__always) init() {}

  @inline(__always) init(_ source: UnsafePointer<Float>, _ stride: Int) {
    column0 = blockRow(source, stride)
    column1 = blockRow(source + stride, stride)
    column2 = blockRow(source + 2 * stride, stride)
    column3 = blockRow(source + 3 * stride, stride)
    column4 = blockRow(source + 4 * stride, stride)
    column5 = blockRow(source + 5 * stride, stride)
    column6 = blockRow(source + 6 * stride, stride)
    column7 = blockRow(source + 7 * stride, stride)
    // Three rounds of interleaving rows k and k + 4 turn rows into columns.
    for _ in 0..<3 {
      let (s0, s1) = (interleaveLow(column0, column4), interleaveHigh(column0, column4))
      let (s2, s3) = (interleaveLow(column1, column5), interleaveHigh(column1, column5))
      let (s4, s5) = (interleaveLow(column2, column6), interleaveHigh(column2, column6))
      let (s6, s7) = (interleaveLow(column3, column7), interleaveHigh(column3, column7))
      (column0, column1, column2, column3) = (s0, s1, s2, s3)
      (column4, column5, column6, column7) = (s4, s5, s6, s7)
    }
  }

  /// Writes the columns as rows.
  @inline(__always) func write(_ destination: UnsafeMutablePointer<Float>, _ stride: Int) {
    storePartialLanes(column0, destination, Lanes.scalarCount)
    storePartialLanes(column1, destination + stride, Lanes.scalarCount)
    storePartialLanes(column2, destination + 2 * stride, Lanes.scalarCount)
    storePartialLanes(column3, destination + 3 * stride, Lanes.scalarCount)
    storePartialLanes(column4, destination + 4 * stride, Lanes.scalarCount)
    storePartialLanes(column5, destination + 5 * stride, Lanes.scalarCount)
    storePartialLanes(column6, destination + 6 * stride, Lanes.scalarCount)
    storePartialLanes(column7, destination + 7 * stride, Lanes.scalarCount)
  }
}

/// Eight numbers of a row and, with sixteen lanes, eight of the row eight rows below.
@inline(__always) private func blockRow(_ row: UnsafePointer<Float>, _ stride: Int) -> Lanes {
  #if SIXTEEN_LANES
    Lanes(lowHalf: load(row), highHalf: load(row + 8 * stride))
  #else
    load(row)
  #endif
}
