import KernelShims

/// The gradients of w log p(a) + β H with respect to the means and to log σ, with z = (u - μ)/σ and
/// C = E[ln(1 - tanh²u)]:
///
///     meanGradient[row, j] = w z_j/σ_j + β ∂C/∂μ_j
///     logStdGradient[row, j] = w (z_j² - 1) + β (1 + ∂C/∂log σ_j)
///
/// with w = `weights[row]` and β = `entropyWeights[row]`; |da/du| depends on neither. Strides as in ``gaussianScore``.
public func squashedScore(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ low: Double, _ high: Double, _ lowMargin: Double,
  _ highMargin: Double,
  _ actions: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ meanGradient: MutableRows,
  _ logStdGradient: MutableRows
) {
  score(
    rows, columns, mean, LogStd(logStd), Bounds(low, high, lowMargin, highMargin), actions, weights, entropyWeights,
    meanGradient, logStdGradient)
}

/// ``squashedScore`` for `draws`, the pre-squash actions u.
public func squashedDrawScore(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ draws: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>, _ meanGradient: MutableRows,
  _ logStdGradient: MutableRows
) {
  score(
    rows, columns, mean, LogStd(logStd), nil, draws, weights, entropyWeights,
    meanGradient, logStdGradient)
}

/// - Parameter bounds: The bounds of the actions; `nil` for pre-squash actions.
@inline(__always) private func score(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStds: LogStd, _ bounds: Bounds?,
  _ actions: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ meanGradient: MutableRows,
  _ logStdGradient: MutableRows
) {
  for row in 0..<rows {
    let weight = Double(weights[row])
    let entropyWeight = entropyWeights[row]
    let logStdRow = logStdGradient.row(row)
    var j = 0
    while j < columns {
      let count = columns - j
      let center = loadPartial(mean.row(row) + j, count)
      let logSigma = logStds.values(row, j, count)
      let action = loadWide(actions.row(row) + j, count)
      let u = bounds?.unsquashed(action) ?? action
      let inverse = wideExponential(-kernel_widen8(logSigma))
      let z = (u - kernel_widen8(center)) * inverse
      var meanSlope = kernel_narrow8(weight * z * inverse)
      var logStdSlope = kernel_narrow8(weight * (z * z - 1))
      if entropyWeight != 0 {
        for lane in 0..<min(count, 8) {
          let correction = SquashedCorrection(mean: center[lane], logStd: logSigma[lane])
          meanSlope[lane] += entropyWeight * Float(correction.meanSlope)
          logStdSlope[lane] += entropyWeight * Float(1 + correction.logStdSlope)
        }
      }
      logStdSlope = logStds.inputGradient(logStdSlope, row, j, count)
      if logStdGradient.stride == 0 { logStdSlope += loadPartial(logStdRow + j, count) }
      storePartial(meanSlope, meanGradient.row(row) + j, count)
      storePartial(logStdSlope, logStdRow + j, count)
      j += 8
    }
  }
}
