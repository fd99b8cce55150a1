import KernelShims

extension LayerGradients.Inputs {
  /// Applies the slope of the layer below to some rows of the target, for layers whose last step is no matrix product.
  ///
  /// - Parameter outputs: The outputs of the layer below, rows × columns.
  func applySlope(at outputs: UnsafePointer<Float>, rows: Range<Int>, columns: Int) {
    guard let slope else { return }
    for row in rows {
      // A product of depth 0, added to the target.
      let place = MutableRows(base: target + row * columns, stride: columns)
      var product = MatrixProduct(
        rows: 1, columns: columns, depth: 0, a: Matrix(rows: outputs, stride: 0), b: Rows(base: outputs, stride: 0),
        initial: InitialRows(place), c: place)
      slope(&product, outputs + row * columns)
    }
  }
}
