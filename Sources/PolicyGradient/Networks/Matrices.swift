import KernelShims

extension Matrix {
  /// Rows one after another, `stride` floats apart.
  @inline(__always) init(rows base: UnsafePointer<Float>, stride: Int) {
    self.init(base: base, rowStride: stride, columnStride: 1)
  }

  /// The transpose of rows that are `stride` floats apart.
  @inline(__always) init(transposed base: UnsafePointer<Float>, stride: Int) {
    self.init(base: base, rowStride: 1, columnStride: stride)
  }
}

extension InitialRows {
  @inline(__always) static var zeros: InitialRows { InitialRows(base: nil, stride: 0) }

  /// The same row for all, such as a bias; zeros if it is nil.
  @inline(__always) init(repeating row: UnsafePointer<Float>?) { self.init(base: row, stride: 0) }

  /// The target's own rows: the product is added to them.
  @inline(__always) init(_ rows: MutableRows) { self.init(base: rows.base, stride: rows.stride) }
}
