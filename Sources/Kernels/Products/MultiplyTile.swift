import KernelShims

/// The factors, the initial rows and the result of a product, from the first row and column of a tile on.
struct Product {
  var depth: Int
  var a: Matrix
  var b: Rows
  var initial: InitialRows
  var c: MutableRows
  var epilogue: Epilogue
  /// A layer's outputs with the layout of c, for epilogues that read them.
  var outputs: UnsafePointer<Float>

  @inline(__always) mutating func advance(rows: Int) {
    a.base += rows * a.rowStride
    if let start = initial.base { initial.base = start + rows * initial.stride }
    c.base += rows * c.stride
    outputs += rows * c.stride
  }

  @inline(__always) mutating func advance(columns: Int) {
    b.base += columns
    if let start = initial.base { initial.base = start + columns }
    c.base += columns
    outputs += columns
  }

  /// Moves on by columns of a and rows of b; the next products are added to the result so far.
  @inline(__always) mutating func advance(depth: Int) {
    a.base += depth * a.columnStride
    b.base += depth * b.stride
    initial = InitialRows(base: c.base, stride: c.stride)
  }

  @inline(__always) func initialRow<Row: TileRow>(_ row: Int, _ width: Int) -> Row {
    guard let start = initial.base else { return Row.zero }
    return Row(start + row * initial.stride, width)
  }

  @inline(__always) func write<Row: TileRow>(_ sums: Row, _ row: Int, _ width: Int) {
    let place = row * c.stride
    sums.applying(epilogue, outputs + place, width).write(c.base + place, width)
  }
}

/// A tile of `height` (1, 2, 4, 6 or 8) × `width` (the width of the row) sums, which stay in registers.
///
/// Every call site passes literal sizes, so that inlining removes the rows and halves that a tile does not have.
@inline(__always) func tile<Row: TileRow>(_ row: Row.Type, _ height: Int, _ width: Int, _ product: Product) {
  var row0: Row = product.initialRow(0, width)
  var row1 = height > 1 ? product.initialRow(1, width) : row0
  var row2 = height > 2 ? product.initialRow(2, width) : row0
  var row3 = height > 2 ? product.initialRow(3, width) : row0
  var row4 = height > 4 ? product.initialRow(4, width) : row0
  var row5 = height > 4 ? product.initialRow(5, width) : row0
  var row6 = height > 6 ? product.initialRow(6, width) : row0
  var row7 = height > 6 ? product.initialRow(7, width) : row0
  let stride = product.a.rowStride
  var a = product.a.base
  // A second pointer. With only one, the compiler computes the rows' addresses in a chain that takes longer than the
  // sums.
  var lowerA = height > 4 ? product.a.base + 4 * stride : a
  var b = product.b.base
  for _ in 0..<product.depth {
    let right = Row(b, width)
    row0.add(a[0], right)
    if height > 1 { row1.add(a[stride], right) }
    if height > 2 {
      row2.add(a[2 * stride], right)
      row3.add(a[3 * stride], right)
    }
    if height > 4 {
      row4.add(lowerA[0], right)
      row5.add(lowerA[stride], right)
    }
    if height > 6 {
      row6.add(lowerA[2 * stride], right)
      row7.add(lowerA[3 * stride], right)
    }
    a += product.a.columnStride
    lowerA += product.a.columnStride
    b += product.b.stride
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

/// One row by 64 columns. Eight independent sums hide the latency of a multiply-add.
@inline(__always) func longRow(_ product: Product) {
  var sum0: ShortRow = product.initialRow(0, 16)
  var sum1 = sum0
  var sum2 = sum0
  var sum3 = sum0
  if let initial = product.initial.base {
    sum1 = ShortRow(initial + 16, 16)
    sum2 = ShortRow(initial + 32, 16)
    sum3 = ShortRow(initial + 48, 16)
  }
  var a = product.a.base
  var b = product.b.base
  for _ in 0..<product.depth {
    let left = a[0]
    sum0.add(left, ShortRow(b, 16))
    sum1.add(left, ShortRow(b + 16, 16))
    sum2.add(left, ShortRow(b + 32, 16))
    sum3.add(left, ShortRow(b + 48, 16))
    a += product.a.columnStride
    b += product.b.stride
  }
  sum0.applying(product.epilogue, product.outputs, 16).write(product.c.base, 16)
  sum1.applying(product.epilogue, product.outputs + 16, 16).write(product.c.base + 16, 16)
  sum2.applying(product.epilogue, product.outputs + 32, 16).write(product.c.base + 32, 16)
  sum3.applying(product.epilogue, product.outputs + 48, 16).write(product.c.base + 48, 16)
}
