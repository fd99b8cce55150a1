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
