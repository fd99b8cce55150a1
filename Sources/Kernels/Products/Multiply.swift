import KernelShims

// The largest tiles whose sums stay in registers. 6 × 16 takes 12 of AVX2's 16 registers and 24 of NEON's 32; 6 × 8
// takes 12 of SSE's 16; 8 × 32 takes 16 of AVX-512's 32, enough to keep its two units busy. If one register holds a
// row, eight rows hide the latency of a multiply-add. `registersHoldSixteen` is whether 6 × 16 tiles fit, and
// `shortHeight` is the number of rows in tiles of 8 and of 32 columns.
#if arch(x86_64) && !FUSED
  let registersHoldSixteen = false
  let shortHeight = 6
#else
  let registersHoldSixteen = true
  let shortHeight = 8
#endif

/// Matrix product: `c[i, j] = initial[i, j] + Σ_k a[i, k] b[k, j]`, with k ascending.
///
/// Each element is one sum in the order of k, in every tile. So its bits depend neither on the numbers of rows and
/// columns nor on its position. With the strides of `a`, one function computes the three products of a layer: X·W
/// (strides `(ld, 1)`), Xᵀ·G (strides `(1, ld)`), and G·Wᵀ (where b is the transposed W).
///
/// Only `c` is written. It must not overlap a or b. If `initial` is `c`, the product is added to it.
public func multiply(_ product: UnsafePointer<MatrixProduct>) {
  multiply(product, .none, product.pointee.c.base)
}

/// The same with ``reluForward`` applied to the result: `c[i, j] = max(…, 0)`.
public func multiplyRelu(_ product: UnsafePointer<MatrixProduct>) {
  multiply(product, .relu, product.pointee.c.base)
}

/// The same with ``reluBackward`` applied to the result: the gradient by the pre-activations of a relu layer.
/// - Parameter outputs: The outputs of that layer, with the layout of c.
public func multiplyThroughRelu(_ product: UnsafePointer<MatrixProduct>, _ outputs: UnsafePointer<Float>) {
  multiply(product, .reluSlope, outputs)
}

/// The same with ``tanhBackward`` applied to the result: the gradient by the pre-activations of a tanh layer.
/// - Parameter outputs: The outputs of that layer, with the layout of c.
public func multiplyThroughTanh(_ product: UnsafePointer<MatrixProduct>, _ outputs: UnsafePointer<Float>) {
  multiply(product, .tanhSlope, outputs)
}

// The product is passed by its address. By value, the entry point for C would copy its structs by loads that are wider
// than the stores just before them, and the processor would wait.
@inline(__always) private func multiply(
  _ whole: UnsafePointer<MatrixProduct>, _ epilogue: Epilogue, _ outputs: UnsafePointer<Float>
) {
  var (rows, columns) = (whole.pointee.rows, whole.pointee.columns)
  var product = Product(
    depth: whole.pointee.depth, a: whole.pointee.a, b: whole.pointee.b, initial: whole.pointee.initial,
    c: whole.pointee.c, epilogue: epilogue, outputs: outputs)
  if columns == 1, product.a.rowStride == 1, product.c.stride == 1,
    product.initial.base == nil || product.initial.stride == 1
  {
    // A single column with contiguous rows is computed as a row, cᵀ = bᵀ aᵀ: the same products in the same order.
    (rows, columns) = (1, rows)
    (product.a, product.b) = (
      Matrix(base: product.b.base, rowStride: 0, columnStride: product.b.stride),
      Rows(base: product.a.base, stride: product.a.columnStride)
    )
  }
  if columns >= farColumns, product.depth * columns <= fewNumbers, rows * columns >= manyNumbers {
    return multiplyInGroups(rows, columns, product)
  }
  let isFar = columns >= farColumns && product.depth * columns >= manyNumbers
  let piece = rows >= manyRows ? pieceDepth : !isFar ? .max : rows == 1 ? rowPieceDepth : farPieceDepth
  guard product.depth > piece, isFar || !epilogue.readsOutputs else { return multiplyAtOnce(rows, columns, product) }
  multiplyInPieces(rows, columns, product, depth: piece)
}

/// A product of so many rows reads b so often that it is divided by depth.
private let manyRows = 32
/// The rows of b in a piece. One strip of their columns stays in the second-level cache while all rows of a pass, even
/// if the stride of b maps it to few sets of the cache.
private let pieceDepth = 128

/// A matrix of so many numbers comes from memory. If it also has so many columns, its strips of columns would be read
/// with strides that the processor does not prefetch. So b is divided by depth into pieces of few rows, which are read
/// nearly in the order of memory, even for few rows of a; and c is divided into groups of rows, if b is small enough to
/// stay in the second-level cache while all groups pass.
private let manyNumbers = 1 << 17
private let farColumns = 256
private let fewNumbers = 1 << 16
private let farPieceDepth = 32
/// A single row reads b only once.
private let rowPieceDepth = 16
/// A multiple of the heights of all tall tiles.
private let groupRows = 24

/// Computes one group of rows after another.
@inline(never) private func multiplyInGroups(_ rows: Int, _ columns: Int, _ whole: Product) {
  var product = whole
  var left = rows
  while left > 0 {
    multiplyAtOnce(min(left, groupRows), columns, product)
    product.advance(rows: groupRows)
    left -= groupRows
  }
}

/// Adds the products of one piece after the other; each element is still one sum in the order of k.
@inline(never) private func multiplyInPieces(_ rows: Int, _ columns: Int, _ whole: Product, depth pieceDepth: Int) {
  var product = whole
  product.epilogue = .none
  var left = whole.depth
  while left > pieceDepth {
    product.depth = pieceDepth
    multiplyAtOnce(rows, columns, product)
    product.advance(depth: pieceDepth)
    left -= pieceDepth
  }
  product.depth = left
  product.epilogue = whole.epilogue
  multiplyAtOnce(rows, columns, product)
}

@inline(__always) private func multiplyAtOnce(_ rows: Int, _ columns: Int, _ whole: Product) {
  var product = whole
  var left = columns
  if rows == 1 {
    while left >= 64 {
      longRow(product)
      product.advance(columns: 64)
      left -= 64
    }
  }
  #if SIXTEEN_LANES
    while left >= 32 {
      panel32(rows, product)
      product.advance(columns: 32)
      left -= 32
    }
  #endif
  while registersHoldSixteen && left >= 16 {
    panel16(rows, product)
    product.advance(columns: 16)
    left -= 16
  }
  while left >= 8 {
    panel8(rows, product)
    product.advance(columns: 8)
    left -= 8
  }
  switch left {
  case 1: panel1(rows, product)
  case 2: panel2(rows, product)
  case 3: panel3(rows, product)
  case 4: panel4(rows, product)
  case 5: panel5(rows, product)
  case 6: panel6(rows, product)
  case 7: panel7(rows, product)
  default: break
  }
}

/// All rows of a strip of columns, in the tallest tiles that fit.
@inline(__always) private func panel<Row: TileRow>(_ row: Row.Type, _ rows: Int, _ width: Int, _ start: Product) {
  var product = start
  var left = rows
  let height = width == 16 ? 6 : shortHeight
  while left >= height {
    tile(row, height, width, product)
    product.advance(rows: height)
    left -= height
  }
  fewRows(row, left, width, product)
}

/// Rows that are too few for a tall tile.
@inline(__always) private func fewRows<Row: TileRow>(_ row: Row.Type, _ rows: Int, _ width: Int, _ start: Product) {
  var product = start
  var left = rows
  while left >= 4 {
    tile(row, 4, width, product)
    product.advance(rows: 4)
    left -= 4
  }
  if left >= 2 {
    tile(row, 2, width, product)
    product.advance(rows: 2)
    left -= 2
  }
  if left == 1 { tile(row, 1, width, product) }
}

/// All rows of a strip of fewer than eight columns.
@inline(__always) private func narrowPanel(_ width: Int, _ rows: Int, _ start: Product) {
  var product = start
  var left = rows
  while left >= narrowHeight {
    narrowTile(width, product)
    product.advance(rows: narrowHeight)
    left -= narrowHeight
  }
  fewRows(ShortRow.self, left, width, product)
}

// One function for each width. If all were inlined into one, it would be too large for the compiler to inline its
// tiles.

#if SIXTEEN_LANES
  @inline(never) private func panel32(_ rows: Int, _ product: Product) { panel(LongRow.self, rows, 32, product) }
#endif
@inline(never) private func panel16(_ rows: Int, _ product: Product) { panel(ShortRow.self, rows, 16, product) }
@inline(never) private func panel8(_ rows: Int, _ product: Product) { panel(ShortRow.self, rows, 8, product) }
@inline(never) private func panel7(_ rows: Int, _ product: Product) { narrowPanel(7, rows, product) }
@inline(never) private func panel6(_ rows: Int, _ product: Product) { narrowPanel(6, rows, product) }
@inline(never) private func panel5(_ rows: Int, _ product: Product) { narrowPanel(5, rows, product) }
@inline(never) private func panel4(_ rows: Int, _ product: Product) { narrowPanel(4, rows, product) }
@inline(never) private func panel3(_ rows: Int, _ product: Product) { narrowPanel(3, rows, product) }
@inline(never) private func panel2(_ rows: Int, _ product: Product) { narrowPanel(2, rows, product) }
@inline(never) private func panel1(_ rows: Int, _ product: Product) { narrowPanel(1, rows, product) }

/// The panels of a matrix with `columns` columns, as `body(first column, width)`: as many as fit of 32 columns, if
/// registers hold tiles of these, then of 16, then of 8, and one of the columns that are left.
@inline(__always) func forEachPanel(_ columns: Int, _ body: (_ column: Int, _ width: Int) -> Void) {
  var column = 0
  #if SIXTEEN_LANES
    while columns - column >= 32 {
      body(column, 32)
      column += 32
    }
  #endif
  while registersHoldSixteen && columns - column >= 16 {
    body(column, 16)
    column += 16
  }
  while columns - column >= 8 {
    body(column, 8)
    column += 8
  }
  if column < columns { body(column, columns - column) }
}

/// Copies a matrix to panels of adjacent columns, each row-major and without gaps, for kernels that read it panel by
/// panel. The panels take `rows * columns` floats.
public func packPanels(_ rows: Int, _ columns: Int, _ source: Rows, _ panels: UnsafeMutablePointer<Float>) {
  forEachPanel(columns) { column, width in
    let from = Rows(base: source.base + column, stride: source.stride)
    let target = panels + column * rows
    switch width {
    #if SIXTEEN_LANES
      case 32: packPanel(LongRow.self, rows, 32, from, target)
    #endif
    case 16: packPanel(ShortRow.self, rows, 16, from, target)
    case 8: packPanel(ShortRow.self, rows, 8, from, target)
    default: packPanel(ShortRow.self, rows, width, from, target)
    }
  }
}

@inline(__always) private func packPanel<Row: TileRow>(
  _ row: Row.Type, _ rows: Int, _ width: Int, _ source: Rows, _ panel: UnsafeMutablePointer<Float>
) {
  var (from, target) = (source.base, panel)
  for _ in 0..<rows {
    Row(from, width).write(target, width)
    from += source.stride
    target += width
  }
}
