import KernelShims

// Independent squashed normals: a = low + (high - low)(tanh u + 1)/2, where u is normal with the means `mean` and with
// log σ as ``LogStd`` reads it. With x = (a - low)/(high - low):
//
//     u = ½ (ln x - ln (1 - x)),   ln |da/du| = ln 2(high - low) + ln x + ln (1 - x)
//
// Log-probabilities refer to the action as a float. Where tanh u rounds to ±1, u cannot be computed from the action.
// Therefore samples are stored as u, and SquashedDraws.swift has the same functions of u.

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
