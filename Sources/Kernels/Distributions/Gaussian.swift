import KernelShims

// Independent normals with rows of means μ and of log σ, which ``LogStd`` reads. Actions are `columns` floats per row.

private let halfLogTwoPi: Float = 0.918_938_533
private let halfLogTwoPiE: Float = 1.418_938_533

/// `result[row] += Σ_j -½((a_j - μ_j)/σ_j)² - log σ_j - ½ log 2π`.
public func gaussianLogProbability(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ actions: Rows, _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  let deviations = Deviations(logStds, columns)
  for row in 0..<rows {
    result[row] += logDensity(columns, mean.row(row), logStds, deviations, row, actions.row(row))
  }
}

@inline(__always) private func logDensity(
  _ columns: Int, _ mean: UnsafePointer<Float>, _ logStd: LogStd, _ deviations: Deviations, _ row: Int,
  _ action: UnsafePointer<Float>
) -> Float {
  var sum = broadcast(0)
  var j = 0
  while j < columns {
    let logSigma = logStd.values(row, j, columns - j)
    let z =
      (loadPartial(action + j, columns - j) - loadPartial(mean + j, columns - j)) * deviations.inverse(logSigma, j)
    sum += fused(-logSigma, z * z, -0.5)
    j += 8
  }
  return kernel_sum8(sum) - Float(columns) * halfLogTwoPi
}

/// `result[row] += Σ_j log σ_j + ½ log 2πe`.
public func gaussianEntropy(
  _ rows: Int, _ columns: Int, _ logStd: Rows,
  _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  for row in 0..<rows {
    var sum = broadcast(0)
    var j = 0
    while j < columns {
      sum += logStds.values(row, j, columns - j)
      j += 8
    }
    result[row] += kernel_sum8(sum) + Float(columns) * halfLogTwoPiE
  }
}

/// `actions[row, j] = μ_j + σ_j normals[row, j]`. The normals are `rows` × `columns` without gaps.
///
/// `result[row] += log density`, with the bits of ``gaussianLogProbability`` for the action as written.
public func gaussianSample(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ normals: UnsafePointer<Float>, _ actions: MutableRows,
  _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  let deviations = Deviations(logStds, columns)
  for row in 0..<rows {
    let center = mean.row(row)
    let action = actions.row(row)
    var j = 0
    while j < columns {
      let deviation = deviations.deviation(logStds.values(row, j, columns - j), j)
      let z = loadPartial(normals + row * columns + j, columns - j)
      storePartial(fused(loadPartial(center + j, columns - j), deviation, z), action + j, columns - j)
      j += 8
    }
    result[row] += logDensity(columns, center, logStds, deviations, row, action)
  }
}

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
