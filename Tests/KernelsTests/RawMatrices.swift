import KernelShims

@testable import Kernels

// The kernels by pointers and strides, since tests pass arrays, which become pointers for the time of one call.

typealias Values = UnsafePointer<Float>
typealias Output = UnsafeMutablePointer<Float>

extension KernelSet {
  func multiply(
    _ rows: Int, _ columns: Int, _ depth: Int, _ a: Values, _ aRowStride: Int, _ aColumnStride: Int, _ b: Values,
    _ bStride: Int, _ initial: Values?, _ initialStride: Int, _ c: Output, _ cStride: Int
  ) {
    multiply(
      by: multiply, rows, columns, depth, a, aRowStride, aColumnStride, b, bStride, initial, initialStride, c, cStride)
  }

  /// The product by a kernel that ends it in its own way.
  func multiply(
    by kernel: (UnsafePointer<MatrixProduct>) -> Void, _ rows: Int, _ columns: Int, _ depth: Int, _ a: Values,
    _ aRowStride: Int,
    _ aColumnStride: Int, _ b: Values, _ bStride: Int, _ initial: Values?, _ initialStride: Int, _ c: Output,
    _ cStride: Int
  ) {
    var product = MatrixProduct(
      rows: rows, columns: columns, depth: depth,
      a: Matrix(base: a, rowStride: aRowStride, columnStride: aColumnStride), b: Rows(base: b, stride: bStride),
      initial: InitialRows(base: initial, stride: initialStride), c: MutableRows(base: c, stride: cStride))
    kernel(&product)
  }

  func transpose(
    _ rows: Int, _ columns: Int, _ source: Values, _ stride: Int, _ destination: Output, _ destinationStride: Int
  ) {
    transpose(
      rows, columns, Rows(base: source, stride: stride), MutableRows(base: destination, stride: destinationStride))
  }

  func addColumnSums(_ rows: Int, _ columns: Int, _ source: Values, _ stride: Int, _ sums: Output) {
    addColumnSums(rows, columns, Rows(base: source, stride: stride), sums)
  }

  func gatherRows(
    _ rows: Int, _ columns: Int, _ source: Values, _ stride: Int, _ indices: UnsafePointer<Int32>,
    _ destination: Output, _ destinationStride: Int
  ) {
    gatherRows(
      rows, columns, Rows(base: source, stride: stride), indices,
      MutableRows(base: destination, stride: destinationStride))
  }

  func categoricalMode(
    _ rows: Int, _ columns: Int, _ logits: Values, _ stride: Int, _ actions: Output, _ actionStride: Int
  ) {
    categoricalMode(
      rows, columns, Rows(base: logits, stride: stride), MutableRows(base: actions, stride: actionStride))
  }

  func areChoices(_ rows: Int, _ actions: Values, _ stride: Int, _ last: Float) -> Bool {
    areChoices(rows, Rows(base: actions, stride: stride), last)
  }
}
