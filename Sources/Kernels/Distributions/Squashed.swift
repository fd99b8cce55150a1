import KernelShims

// Independent squashed normals: a = low + (high - low)(tanh u + 1)/2, where u is normal with the means `mean` and with
// log σ as ``LogStd`` reads it. With x = (a - low)/(high - low):
//
//     u = ½ (ln x - ln (1 - x)),   ln |da/du| = ln 2(high - low) + ln x + ln (1 - x)
//
// Log-probabilities refer to the action as a float. Where tanh u rounds to ±1, u cannot be computed from the action.
// Therefore samples are stored as u, and the second half of this file has the same functions of u.

private let halfLogTwoPi = 0.918_938_533_204_672_74

/// `result[row] += Σ_j log N(u_j; μ_j, σ_j) - ln |da_j/du_j|`.
public func squashedLogProbability(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ low: Double, _ high: Double, _ lowMargin: Double,
  _ highMargin: Double,
  _ actions: Rows, _ result: UnsafeMutablePointer<Float>
) {
  let bounds = Bounds(low, high, lowMargin, highMargin)
  let logStds = LogStd(logStd)
  for row in 0..<rows {
    result[row] += logDensity(columns, mean.row(row), logStds, row, bounds, actions.row(row))
  }
}

@inline(__always) private func logDensity(
  _ columns: Int, _ mean: UnsafePointer<Float>, _ logStd: LogStd, _ row: Int, _ bounds: Bounds,
  _ action: UnsafePointer<Float>
) -> Float {
  var sum = broadcastWide(0)
  var j = 0
  while j < columns {
    let count = columns - j
    let (fromLow, fromHigh) = bounds.logDistances(loadWide(action + j, count))
    let logSigma = kernel_widen8(logStd.values(row, j, count))
    let z = (0.5 * (fromLow - fromHigh) - loadWide(mean + j, count)) * wideExponential(-logSigma)
    sum -= leading(count, of: 0.5 * z * z + logSigma + fromLow + fromHigh)
    j += 8
  }
  let constant = halfLogTwoPi + wideLogarithm(broadcastWide(2 * bounds.range))[0]
  return Float(kernel_sum_wide8(sum) - Double(columns) * constant)
}

/// Writes the action `actions[row, j]` of u = `mean[row, j]`: the deterministic action of a mean, or the action of a
/// draw. May work in place.
public func squashedMode(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ low: Double, _ high: Double,
  _ actions: MutableRows
) {
  let bounds = Bounds(low, high, 0, 0)
  for row in 0..<rows {
    var j = 0
    while j < columns {
      let count = columns - j
      let share = logistic(2 * loadWide(mean.row(row) + j, count))
      storeWide(bounds.action(at: share), actions.row(row) + j, count)
      j += 8
    }
  }
}

// Squashed normals, given by their pre-squash actions u. They are exact also where tanh u rounds to ±1:
//
//     log π(a) = Σ_j log N(u_j; μ_j, σ_j) - ln |da_j/du_j|
//     ln |da/du| = ln 2(high - low) - 2|u| - 2 ln(1 + e^(-2|u|))
//
// `range` is high - low.

/// `result[row] += log π(a)`, where a is the action of `draws[row, j]`.
public func squashedDrawLogProbability(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ range: Double, _ draws: Rows,
  _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  let constant = Double(columns) * (halfLogTwoPi + wideLogarithm(broadcastWide(2 * range))[0])
  for row in 0..<rows {
    result[row] += logDensity(columns, mean.row(row), logStds, row, draws.row(row), constant)
  }
}

@inline(__always) private func logDensity(
  _ columns: Int, _ mean: UnsafePointer<Float>, _ logStd: LogStd, _ row: Int, _ draw: UnsafePointer<Float>,
  _ constant: Double
) -> Float {
  var sum = broadcastWide(0)
  var j = 0
  while j < columns {
    let count = columns - j
    let u = loadWide(draw + j, count)
    let logSigma = kernel_widen8(logStd.values(row, j, count))
    let z = (u - loadWide(mean + j, count)) * wideExponential(-logSigma)
    let distance = 2 * magnitude(u)
    let logSlope = -distance - 2 * wideLogarithmOfOnePlus(wideExponential(-distance))
    sum -= leading(count, of: 0.5 * z * z + logSigma + logSlope)
    j += 8
  }
  return Float(kernel_sum_wide8(sum) - constant)
}

/// `draws[row, j] = μ_j + σ_j normals[row, j]`. The normals are `rows` × `columns` without gaps.
///
/// `result[row] += log density`, with the bits of ``squashedDrawLogProbability`` for the draws as written.
public func squashedSample(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ range: Double, _ normals: UnsafePointer<Float>,
  _ draws: MutableRows, _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  let constant = Double(columns) * (halfLogTwoPi + wideLogarithm(broadcastWide(2 * range))[0])
  for row in 0..<rows {
    let draw = draws.row(row)
    var j = 0
    while j < columns {
      let count = columns - j
      let deviation = wideExponential(kernel_widen8(logStds.values(row, j, count)))
      let u = loadWide(mean.row(row) + j, count) + deviation * loadWide(normals + row * columns + j, count)
      storeWide(u, draw + j, count)
      j += 8
    }
    result[row] += logDensity(columns, mean.row(row), logStds, row, draw, constant)
  }
}

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
