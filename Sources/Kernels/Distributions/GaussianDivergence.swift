import KernelShims

/// `result[row] += Σ_j KL(N(μ_j, σ_j) ‖ N(m_j, s_j))`, where m are the other means and s the other deviations:
///
///     KL = ½ (e^x - 1 - x) + ½ ((μ - m)/s)²,   x = 2 (log σ - log s)
///
/// ``LogStd`` reads log σ and log s, each with its own stride.
public func gaussianDivergence(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ otherMean: Rows, _ otherLogStd: Rows,
  _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  let otherLogStds = LogStd(otherLogStd)
  for row in 0..<rows {
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      let count = columns - j
      let other = kernel_widen8(otherLogStds.values(row, j, count))
      let x = 2 * (kernel_widen8(logStds.values(row, j, count)) - other)
      let distance = loadWide(mean.row(row) + j, count) - loadWide(otherMean.row(row) + j, count)
      let z = distance * wideExponential(-other)
      sum += leading(count, of: 0.5 * (exponentialRemainder(x) + z * z))
      j += 8
    }
    result[row] += Float(kernel_sum_wide8(sum))
  }
}

/// e^x - 1 - x, which is never negative. Near 0 a series is used.
@inline(__always) private func exponentialRemainder(_ x: Wide) -> Wide {
  var p = 1 + x * (1.0 / 7)
  p = 1 + x * p * (1.0 / 6)
  p = 1 + x * p * (1.0 / 5)
  p = 1 + x * p * (1.0 / 4)
  p = 1 + x * p * (1.0 / 3)
  let isNear = kernel_less_wide8(magnitude(x), broadcastWide(0.02))
  return kernel_select_wide8(isNear, 0.5 * x * x * p, wideExponential(x) - 1 - x)
}

/// Multiplies tangents t of means and of log σ by the Fisher matrix:
///
///     t ← t/σ_j² for a mean,   2t for log σ
///
/// With a stride of 0, the products of all rows are added to the one row of `logStdProducts`. Otherwise each row is
/// written, with 0 where ``LogStd`` clamped its value, and the products may overwrite the tangents.
public func gaussianFisher(
  _ rows: Int, _ columns: Int, _ logStd: Rows,
  _ meanTangents: MutableRows, _ logStdTangents: Rows, _ logStdProducts: MutableRows
) {
  let logStds = LogStd(logStd)
  for row in 0..<rows {
    let tangent = meanTangents.row(row)
    let products = logStdProducts.row(row)
    var j = 0
    while j < columns {
      let count = columns - j
      let inverse = exponential(-logStds.values(row, j, count))
      storePartial(loadPartial(tangent + j, count) * inverse * inverse, tangent + j, count)
      var product = logStds.inputGradient(2 * loadPartial(logStdTangents.row(row) + j, count), row, j, count)
      if logStd.stride == 0 { product += loadPartial(products + j, count) }
      storePartial(product, products + j, count)
      j += 8
    }
  }
}
