import KernelShims

// Squashed normals, given by their pre-squash actions u. They are exact also where tanh u rounds to ±1:
//
//     log π(a) = Σ_j log N(u_j; μ_j, σ_j) - ln |da_j/du_j|
//     ln |da/du| = ln 2(high - low) - 2|u| - 2 ln(1 + e^(-2|u|))
//
// `range` is high - low.

private let halfLogTwoPi = 0.918_938_533_204_672_74

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
