import KernelShims

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
    var target = panels + column * rows
    var row = source.base + column
    for _ in 0..<rows {
      var j = 0
      while j < width {
        storePartial(loadPartial(row + j, width - j), target + j, width - j)
        j += 8
      }
      target += width
      row += source.stride
    }
  }
}
