import KernelShims

/// The product of patches and a matrix in panels: `c[i, j] = initial[i, j] + Σ_k a[i, k] b[k, j]`, with k ascending.
///
/// Each element is one sum in the order of k, in every tile, as in ``multiply``. So its bits do not depend on the
/// number of patches or on their order.
///
/// Only `c` is written. It must not overlap a or b.
public func multiplyPatches(_ product: UnsafePointer<PatchProduct>) { multiplyPatches(product, .none) }

/// The same with ``reluForward`` applied to the result: `c[i, j] = max(…, 0)`.
public func multiplyPatchesRelu(_ product: UnsafePointer<PatchProduct>) { multiplyPatches(product, .relu) }

@inline(__always) private func multiplyPatches(_ whole: UnsafePointer<PatchProduct>, _ epilogue: Epilogue) {
  forEachPanel(whole.pointee.columns) { column, width in
    var product = PatchTiles(whole, column, width, epilogue)
    // As many lines at a time that their part of b stays in the first-level cache while all patches pass.
    let block = max(1, 256 / whole.pointee.a.lineLength)
    var left = whole.pointee.a.lines
    while left > 0 {
      product.lines = min(block, left)
      left -= product.lines
      product.epilogue = left == 0 ? epilogue : .none
      switch width {
      #if SIXTEEN_LANES
        case 32: patchPanel32(product)
      #endif
      case 16: patchPanel16(product)
      case 8: patchPanel8(product)
      default: patchPanelNarrow(product, width)
      }
      product.nextLines()
    }
  }
}

/// Patches from some line on, and the columns of a panel.
private struct PatchTiles {
  var rows: Int
  var lines: Int
  let lineLength: Int
  let lineStride: Int
  var a: UnsafePointer<Float>
  var offsets: UnsafePointer<Int>
  var b: UnsafePointer<Float>
  var initial: InitialRows
  var c: MutableRows
  var epilogue: Epilogue
  let width: Int

  @inline(__always) init(_ whole: UnsafePointer<PatchProduct>, _ column: Int, _ width: Int, _ epilogue: Epilogue) {
    let a = whole.pointee.a
    (rows, lines, lineLength, lineStride) = (whole.pointee.rows, a.lines, a.lineLength, a.lineStride)
    (self.a, offsets) = (a.base, a.offsets)
    b = whole.pointee.b + column * a.lines * a.lineLength
    initial = whole.pointee.initial
    if let start = initial.base { initial.base = start + column }
    c = MutableRows(base: whole.pointee.c.base + column, stride: whole.pointee.c.stride)
    self.epilogue = epilogue
    self.width = width
  }

  /// Moves on by ``lines`` lines; the next products are added to the result so far.
  @inline(__always) mutating func nextLines() {
    a += lines * lineStride
    b += lines * lineLength * width
    initial = InitialRows(base: c.base, stride: c.stride)
  }

  @inline(__always) mutating func advance(rows: Int) {
    offsets += rows
    if let start = initial.base { initial.base = start + rows * initial.stride }
    c.base += rows * c.stride
  }

  @inline(__always) func initialRow<Row: TileRow>(_ row: Int, _ width: Int) -> Row {
    guard let start = initial.base else { return Row.zero }
    return Row(start + row * initial.stride, width)
  }

  @inline(__always) func write<Row: TileRow>(_ sums: Row, _ row: Int, _ width: Int) {
    sums.applying(epilogue, c.base, width).write(c.base + row * c.stride, width)
  }
}

#if SIXTEEN_LANES
  @inline(never) private func patchPanel32(_ product: PatchTiles) { patchPanel(LongRow.self, 8, 32, product) }
#endif
@inline(never) private func patchPanel16(_ product: PatchTiles) { patchPanel(ShortRow.self, 6, 16, product) }
@inline(never) private func patchPanel8(_ product: PatchTiles) { patchPanel(ShortRow.self, shortHeight, 8, product) }
@inline(never) private func patchPanelNarrow(_ product: PatchTiles, _ width: Int) {
  patchPanel(ShortRow.self, 4, width, product)
}

@inline(__always) private func patchPanel<Row: TileRow>(
  _ row: Row.Type, _ height: Int, _ width: Int, _ start: PatchTiles
) {
  var product = start
  var left = start.rows
  while left >= height {
    patchTile(row, height, width, product)
    product.advance(rows: height)
    left -= height
  }
  while height > 4 && left >= 4 {
    patchTile(row, 4, width, product)
    product.advance(rows: 4)
    left -= 4
  }
  while left >= 2 {
    patchTile(row, 2, width, product)
    product.advance(rows: 2)
    left -= 2
  }
  if left == 1 { patchTile(row, 1, width, product) }
}

/// A tile of `height` (1, 2, 4, 6 or 8) patches × `width` sums, which stay in registers.
@inline(__always) private func patchTile<Row: TileRow>(
  _ row: Row.Type, _ height: Int, _ width: Int, _ product: PatchTiles
) {
  var row0: Row = product.initialRow(0, width)
  var row1 = height > 1 ? product.initialRow(1, width) : row0
  var row2 = height > 2 ? product.initialRow(2, width) : row0
  var row3 = height > 2 ? product.initialRow(3, width) : row0
  var row4 = height > 4 ? product.initialRow(4, width) : row0
  var row5 = height > 4 ? product.initialRow(5, width) : row0
  var row6 = height > 6 ? product.initialRow(6, width) : row0
  var row7 = height > 6 ? product.initialRow(7, width) : row0
  let offsets = product.offsets
  var a0 = product.a + offsets[0]
  var a1 = height > 1 ? product.a + offsets[1] : a0
  var a2 = height > 2 ? product.a + offsets[2] : a0
  var a3 = height > 2 ? product.a + offsets[3] : a0
  var a4 = height > 4 ? product.a + offsets[4] : a0
  var a5 = height > 4 ? product.a + offsets[5] : a0
  var a6 = height > 6 ? product.a + offsets[6] : a0
  var a7 = height > 6 ? product.a + offsets[7] : a0
  var b = product.b
  for _ in 0..<product.lines {
    for k in 0..<product.lineLength {
      let right = Row(b, width)
      row0.add(a0[k], right)
      if height > 1 { row1.add(a1[k], right) }
      if height > 2 {
        row2.add(a2[k], right)
        row3.add(a3[k], right)
      }
      if height > 4 {
        row4.add(a4[k], right)
        row5.add(a5[k], right)
      }
      if height > 6 {
        row6.add(a6[k], right)
        row7.add(a7[k], right)
      }
      b += width
    }
    a0 += product.lineStride
    a1 += product.lineStride
    a2 += product.lineStride
    a3 += product.lineStride
    a4 += product.lineStride
    a5 += product.lineStride
    a6 += product.lineStride
    a7 += product.lineStride
  }
  product.write(row0, 0, width)
  if height > 1 { product.write(row1, 1, width) }
  if height > 2 {
    product.write(row2, 2, width)
    product.write(row3, 3, width)
  }
  if height > 4 {
    product.write(row4, 4, width)
    product.write(row5, 5, width)
  }
  if height > 6 {
    product.write(row6, 6, width)
    product.write(row7, 7, width)
  }
}
