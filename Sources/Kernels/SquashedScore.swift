import KernelShims

/// The gradients of w log p(a) + β H with respect to the means and to log σ, with z = (u - μ)/σ and
/// C = E[ln(1 - tanh²u)]:
///
///     meanGradient[row, j] = w z_j/σ_j + β ∂C/∂μ_j
///     logStdGradient[row, j] = w (z_j² - 1) + β (1 + ∂C/∂log σ_j)
///
/// with w = `weights[row]` and β = `entropyWeight`; |da/du| depends on neither. Strides as in ``gaussianScore``.
public func squashedScore(
  _ rows: Int, _ columns: Int, _ mean: UnsafePointer<Float>, _ stride: Int, _ logStd: UnsafePointer<Float>,
  _ logStdStride: Int, _ low: Double, _ high: Double, _ lowMargin: Double, _ highMargin: Double,
  _ actions: UnsafePointer<Float>, _ actionStride: Int, _ weights: UnsafePointer<Float>, _ entropyWeight: Float,
  _ meanGradient: UnsafeMutablePointer<Float>, _ meanGradientStride: Int,
  _ logStdGradient: UnsafeMutablePointer<Float>, _ logStdGradientStride: Int
) {
  let bounds = Bounds(low, high, lowMargin, highMargin)
  let deviations = LogStd(logStd, logStdStride)
  for row in 0..<rows {
    let weight = Double(weights[row])
    let spreadGradient = logStdGradient + row * logStdGradientStride
    var j = 0
    while j < columns {
      let count = columns - j
      let center = load(mean + row * stride + j, count)
      let spread = deviations.values(row, j, count)
      let (fromLow, fromHigh) = bounds.logDistances(loadWide(actions + row * actionStride + j, count))
      let inverse = exponential(-kernel_widen8(spread))
      let z = (0.5 * (fromLow - fromHigh) - kernel_widen8(center)) * inverse
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
