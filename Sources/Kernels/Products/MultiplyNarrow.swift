/// Rows of a narrow tile. They fill the lanes of two vectors, so that sums do not wait for each other.
let narrowHeight = 2 * Lanes.scalarCount

/// A tile of up to seven columns. Its lanes hold rows; if they held columns, most would be empty.
@inline(__always) func narrowTile(_ width: Int, _ product: Product) {
  var lower = product
  lower.advance(rows: Lanes.scalarCount)
  var sums = (NarrowSums(product, width), NarrowSums(lower, width))
  var blocks = (TransposedBlock(), TransposedBlock())
  withUnsafeMutablePointer(to: &blocks) { blocks in
    var b = product.b.base
    var k = 0
    while k < product.depth {
      // The next columns of a: all of them in place, or eight that are transposed from rows, or a single one.
      var columns = (UnsafeRawPointer(product.a.base), UnsafeRawPointer(lower.a.base))
      var (stride, count) = (product.a.columnStride, product.depth)
      if product.a.rowStride != 1 {
        count = product.a.columnStride == 1 && product.depth - k >= 8 ? 8 : 1
        if count == 8 {
          blocks.pointee.0 = TransposedBlock(product.a.base + k, product.a.rowStride)
          blocks.pointee.1 = TransposedBlock(lower.a.base + k, product.a.rowStride)
        } else {
          blocks.pointee.0.column0 = product.column(k)
          blocks.pointee.1.column0 = lower.column(k)
        }
        let memory = UnsafeRawPointer(blocks)
        columns = (memory, memory + MemoryLayout<TransposedBlock>.stride)
        stride = Lanes.scalarCount
      }
      for _ in 0..<count {
        sums.0.add(loadLanes(at: columns.0), b, width)
        sums.1.add(loadLanes(at: columns.1), b, width)
        columns.0 += stride * MemoryLayout<Float>.stride
        columns.1 += stride * MemoryLayout<Float>.stride
        b += product.b.stride
      }
      k += count
    }
  }
  sums.0.write(product, width)
  sums.1.write(lower, width)
}

extension Product {
  /// a[i, k] of the next rows.
  @inline(__always) fileprivate func column(_ k: Int) -> Lanes {
    loadStridedLanes(a.base + k * a.columnStride, stride: a.rowStride, Lanes.scalarCount)
  }
}

/// The sums of half a narrow tile, a vector for each column.
private struct NarrowSums {
  var (sum0, sum1, sum2, sum3): (Lanes, Lanes, Lanes, Lanes)
  var (sum4, sum5, sum6): (Lanes, Lanes, Lanes)

  @inline(__always) init(_ product: Product, _ width: Int) {
    sum0 = NarrowSums.start(product, 0)
    sum1 = width > 1 ? NarrowSums.start(product, 1) : sum0
    sum2 = width > 2 ? NarrowSums.start(product, 2) : sum0
    sum3 = width > 3 ? NarrowSums.start(product, 3) : sum0
    sum4 = width > 4 ? NarrowSums.start(product, 4) : sum0
    sum5 = width > 5 ? NarrowSums.start(product, 5) : sum0
    sum6 = width > 6 ? NarrowSums.start(product, 6) : sum0
  }

  @inline(__always) private static func start(_ product: Product, _ column: Int) -> Lanes {
    guard let initial = product.initial.base else { return broadcastLanes(0) }
    guard product.initial.stride != 0 else { return broadcastLanes(initial[column]) }
    return loadStridedLanes(initial + column, stride: product.initial.stride, Lanes.scalarCount)
  }

  /// Adds a column of a times a row of b.
  @inline(__always) mutating func add(_ column: Lanes, _ b: UnsafePointer<Float>, _ width: Int) {
    sum0 = fused(sum0, column, b[0])
    if width > 1 { sum1 = fused(sum1, column, b[1]) }
    if width > 2 { sum2 = fused(sum2, column, b[2]) }
    if width > 3 { sum3 = fused(sum3, column, b[3]) }
    if width > 4 { sum4 = fused(sum4, column, b[4]) }
    if width > 5 { sum5 = fused(sum5, column, b[5]) }
    if width > 6 { sum6 = fused(sum6, column, b[6]) }
  }

  @inline(__always) func write(_ product: Product, _ width: Int) {
    NarrowSums.write(sum0, product, 0)
    if width > 1 { NarrowSums.write(sum1, product, 1) }
    if width > 2 { NarrowSums.write(sum2, product, 2) }
    if width > 3 { NarrowSums.write(sum3, product, 3) }
    if width > 4 { NarrowSums.write(sum4, product, 4) }
    if width > 5 { NarrowSums.write(sum5, product, 5) }
    if width > 6 { NarrowSums.write(sum6, product, 6) }
  }

  @inline(__always) private static func write(_ sum: Lanes, _ product: Product, _ column: Int) {
    let (stride, count) = (product.c.stride, Lanes.scalarCount)
    let y = product.epilogue.readsOutputs ? loadStridedLanes(product.outputs + column, stride: stride, count) : sum
    let result = product.epilogue.apply(to: sum, y)
    if stride == 1 {
      storePartialLanes(result, product.c.base + column, count)
    } else {
      storeStridedLanes(result, product.c.base + column, stride: stride, count)
    }
  }
}
