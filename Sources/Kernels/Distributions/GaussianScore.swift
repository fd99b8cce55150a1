import KernelShims

/// The gradients of w log p(a) + β H with respect to the means and to log σ:
///
///     meanGradient[row, j] = w (a_j - μ_j)/σ_j²
///     logStdGradient[row, j] = w (((a_j - μ_j)/σ_j)² - 1) + β
///
/// with w = `weights[row]` and β = `entropyWeights[row]`. With a stride of 0, all rows are added, in their order, to
/// the one row of `logStdGradient`. Otherwise each row is written, with 0 where ``LogStd`` clamped its value. The
/// gradient of the means may overwrite the means.
public func gaussianScore(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ actions: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>, _ meanGradient: MutableRows,
  _ logStdGradient: MutableRows
) {
  let logStds = LogStd(logStd)
  let deviations = Deviations(logStds, columns)
  for row in 0..<rows {
    let weight = weights[row]
    let logStdRow = logStdGradient.row(row)
    var j = 0
    while j < columns {
      let count = columns - j
      let inverse = deviations.inverse(logStds.values(row, j, count), j)
      let z = (loadPartial(actions.row(row) + j, count) - loadPartial(mean.row(row) + j, count)) * inverse
      storePartial(weight * z * inverse, meanGradient.row(row) + j, count)
      var slope = fused(broadcast(entropyWeights[row]), weight, z * z - 1)
      slope = logStds.inputGradient(slope, row, j, count)
      if logStdGradient.stride == 0 { slope += loadPartial(logStdRow + j, count) }
      storePartial(slope, logStdRow + j, count)
      j += 8
    }
  }
}
