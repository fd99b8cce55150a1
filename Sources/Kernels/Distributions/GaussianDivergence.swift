import KernelShims

/// `result[row] += Σ_j KL(N(μ_j, σ_j) ‖ N(m_j, s_j))`, m being the other means and s the other deviations:
///
///     KL = ½ (e^x - 1 - x) + ½ ((μ - m)/s)²,   x = 2 (log σ - log s)
///
/// The strides of the logarithms of deviations mean what they do in ``LogStd``, for each distribution by itself.
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

/// e^x - 1 - x, which is never negative; near 0 by its series.
@inline(__always) private func exponentialRemainder(_ x: Wide) -> Wide {
  var p = 1 + x * (1.0 / 7)
  p = 1 + x * p * (1.0 / 6)
  p = 1 + x * p * (1.0 / 5)
  p = 1 + x * p * (1.0 / 4)
  p = 1 + x * p * (1.0 / 3)
  let isNear = kernel_less_wide8(magnitude(x), broadcastWide(0.02))
  return kernel_select_wide8(isNear, 0.5 * x * x * p, wideExponential(x) - 1 - x)
}

/// Tangents of means and of log σ become what the Fisher matrix makes of them:
///
///     t ← t/σ_j² for a mean,   2t for log σ
///
/// A `logStdStride` of 0 adds the products of the rows to what the one row of `logStdProducts` holds; any other writes each row,
/// and 0 where ``LogStd`` held its value, and then the products may take the tangents' place.
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
