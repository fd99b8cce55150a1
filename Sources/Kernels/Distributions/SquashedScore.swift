import KernelShims

/// The gradients of w log p(a) + β H with respect to the means and to log σ, with z = (u - μ)/σ and
/// C = E[ln(1 - tanh²u)]:
///
///     meanGradient[row, j] = w z_j/σ_j + β ∂C/∂μ_j
///     logStdGradient[row, j] = w (z_j² - 1) + β (1 + ∂C/∂log σ_j)
///
/// with w = `weights[row]` and β = `entropyWeights[row]`; |da/du| depends on neither. Strides as in ``gaussianScore``.
public func squashedScore(
  _ rows: Int, _ columns: Int, _ mean: UnsafePointer<Float>, _ stride: Int, _ logStd: UnsafePointer<Float>,
  _ logStdStride: Int, _ low: Double, _ high: Double, _ lowMargin: Double, _ highMargin: Double,
  _ actions: UnsafePointer<Float>, _ actionStride: Int, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ meanGradient: UnsafeMutablePointer<Float>, _ meanGradientStride: Int,
  _ logStdGradient: UnsafeMutablePointer<Float>, _ logStdGradientStride: Int
) {
  score(
    rows, columns, mean, stride, LogStd(logStd, logStdStride), Bounds(low, high, lowMargin, highMargin), actions,
    actionStride, weights, entropyWeights, meanGradient, meanGradientStride, logStdGradient, logStdGradientStride)
}

/// ``squashedScore`` of pre-squash actions u, which `draws` holds.
public func squashedDrawScore(
  _ rows: Int, _ columns: Int, _ mean: UnsafePointer<Float>, _ stride: Int, _ logStd: UnsafePointer<Float>,
  _ logStdStride: Int, _ draws: UnsafePointer<Float>, _ drawStride: Int, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>, _ meanGradient: UnsafeMutablePointer<Float>, _ meanGradientStride: Int,
  _ logStdGradient: UnsafeMutablePointer<Float>, _ logStdGradientStride: Int
) {
  score(
    rows, columns, mean, stride, LogStd(logStd, logStdStride), nil, draws, drawStride, weights, entropyWeights,
    meanGradient, meanGradientStride, logStdGradient, logStdGradientStride)
}

/// - Parameter bounds: Of the actions; `nil` where they are pre-squash actions.
@inline(__always) private func score(
  _ rows: Int, _ columns: Int, _ mean: UnsafePointer<Float>, _ stride: Int, _ deviations: LogStd, _ bounds: Bounds?,
  _ actions: UnsafePointer<Float>, _ actionStride: Int, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ meanGradient: UnsafeMutablePointer<Float>, _ meanGradientStride: Int,
  _ logStdGradient: UnsafeMutablePointer<Float>, _ logStdGradientStride: Int
) {
  for row in 0..<rows {
    let weight = Double(weights[row])
    let entropyWeight = entropyWeights[row]
    let spreadGradient = logStdGradient + row * logStdGradientStride
    var j = 0
    while j < columns {
      let count = columns - j
      let center = load(mean + row * stride + j, count)
      let spread = deviations.values(row, j, count)
      let action = loadWide(actions + row * actionStride + j, count)
      let u = bounds?.unsquashed(action) ?? action
      let inverse = exponential(-kernel_widen8(spread))
      let z = (u - kernel_widen8(center)) * inverse
      var meanSlope = kernel_narrow8(weight * z * inverse)
      var spreadSlope = kernel_narrow8(weight * (z * z - 1))
      if entropyWeight != 0 {
        for lane in 0..<min(count, 8) {
          let correction = SquashedCorrection(mean: center[lane], logStd: spread[lane])
          meanSlope[lane] += entropyWeight * Float(correction.meanSlope)
          spreadSlope[lane] += entropyWeight * Float(1 + correction.logStdSlope)
        }
      }
      spreadSlope = deviations.held(spreadSlope, row, j, count)
      if logStdGradientStride == 0 { spreadSlope += load(spreadGradient + j, count) }
      store(meanSlope, meanGradient + row * meanGradientStride + j, count)
      store(spreadSlope, spreadGradient + j, count)
      j += 8
    }
  }
}
