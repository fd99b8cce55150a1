import KernelShims

@testable import Kernels

// The kernels of distributions by pointers and strides, see `RawMatrices`.

extension KernelSet.Logits {
  func logProbability(
    _ rows: Int, _ columns: Int, _ logits: Values, _ stride: Int, _ actions: Values, _ actionStride: Int,
    _ result: Output
  ) {
    let actions = Rows(base: actions, stride: actionStride)
    logProbability(rows, columns, Rows(base: logits, stride: stride), actions, result)
  }

  func entropy(_ rows: Int, _ columns: Int, _ logits: Values, _ stride: Int, _ result: Output) {
    entropy(rows, columns, Rows(base: logits, stride: stride), result)
  }

  func sample(
    _ rows: Int, _ columns: Int, _ logits: Values, _ stride: Int, _ uniforms: Values, _ actions: Output,
    _ actionStride: Int, _ result: Output
  ) {
    let actions = MutableRows(base: actions, stride: actionStride)
    sample(rows, columns, Rows(base: logits, stride: stride), uniforms, actions, result)
  }

  func score(
    _ rows: Int, _ columns: Int, _ logits: Values, _ stride: Int, _ actions: Values, _ actionStride: Int,
    _ weights: Values, _ entropyWeights: Values, _ gradient: Output, _ gradientStride: Int
  ) {
    score(
      rows, columns, Rows(base: logits, stride: stride), Rows(base: actions, stride: actionStride), weights,
      entropyWeights, MutableRows(base: gradient, stride: gradientStride))
  }
}

extension KernelSet.Gaussian {
  func logProbability(
    _ rows: Int, _ columns: Int, _ mean: Values, _ stride: Int, _ logStd: Values, _ logStdStride: Int,
    _ actions: Values, _ actionStride: Int, _ result: Output
  ) {
    logProbability(
      rows, columns, Rows(base: mean, stride: stride), Rows(base: logStd, stride: logStdStride),
      Rows(base: actions, stride: actionStride), result)
  }

  func entropy(_ rows: Int, _ columns: Int, _ logStd: Values, _ stride: Int, _ result: Output) {
    entropy(rows, columns, Rows(base: logStd, stride: stride), result)
  }

  func sample(
    _ rows: Int, _ columns: Int, _ mean: Values, _ stride: Int, _ logStd: Values, _ logStdStride: Int,
    _ normals: Values, _ actions: Output, _ actionStride: Int, _ result: Output
  ) {
    sample(
      rows, columns, Rows(base: mean, stride: stride), Rows(base: logStd, stride: logStdStride), normals,
      MutableRows(base: actions, stride: actionStride), result)
  }

  func score(
    _ rows: Int, _ columns: Int, _ mean: Values, _ stride: Int, _ logStd: Values, _ logStdStride: Int,
    _ actions: Values, _ actionStride: Int, _ weights: Values, _ entropyWeights: Values, _ meanGradient: Output,
    _ meanGradientStride: Int, _ logStdGradient: Output, _ logStdGradientStride: Int
  ) {
    score(
      rows, columns, Rows(base: mean, stride: stride), Rows(base: logStd, stride: logStdStride),
      Rows(base: actions, stride: actionStride), weights, entropyWeights,
      MutableRows(base: meanGradient, stride: meanGradientStride),
      MutableRows(base: logStdGradient, stride: logStdGradientStride))
  }
}
