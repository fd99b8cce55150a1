import KernelShims

// The random words come from block `8 column + attempt` of the counter (step low, step high, row, stream << 20 |
// block), the same counter as in ``uniformDraws``. The four words of a block give one attempt a normal and a uniform
// number for each of the two Gamma variables.

/// Draws actions at X/(X + Y) of the range, where X and Y are Gamma variables of shapes α and β, and adds their
/// log-probabilities with the bits of ``betaLogProbability``.
///
/// Eight attempts run at once, and the first accepted one is used. Shapes are at least 1, so an attempt fails at most
/// one time in twenty. If all eight fail, one time in 10¹⁰, the middle of the proposals is used.
/// - Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
public func betaSample(
  _ seed: UInt64, _ stream: Int, _ step: UInt64, _ firstRow: Int, _ rows: Int, _ columns: Int,
  _ inputs: Rows, _ low: Double, _ high: Double,
  _ lowMargin: Double, _ highMargin: Double, _ actions: MutableRows,
  _ result: UnsafeMutablePointer<Float>
) {
  let bounds = Bounds(low, high, lowMargin, highMargin)
  let step0 = Philox.Words(repeating: UInt32(truncatingIfNeeded: step))
  let step1 = Philox.Words(repeating: UInt32(truncatingIfNeeded: step >> 32))
  let attempts = Philox.Words(0, 1, 2, 3, 4, 5, 6, 7)
  for row in 0..<rows {
    let action = actions.row(row)
    let rowWord = Philox.Words(repeating: UInt32(truncatingIfNeeded: firstRow + row))
    for j in 0..<columns {
      let shapes = Shapes(inputs.row(row) + j, inputs.row(row) + columns + j, 1)
      let block = UInt32(truncatingIfNeeded: stream << 20 | 8 * j)
      let words = Philox(step0, step1, rowWord, attempts | block, seed: seed)
      let x = gammaDraw(shapes.alpha[0], normal(words.word0), uniform(words.word1))
      let y = gammaDraw(shapes.beta[0], normal(words.word2), uniform(words.word3))
      action[j] = Float(bounds.low + x / (x + y) * bounds.range)
    }
    result[row] += betaLogDensity(columns, inputs.row(row), inputs.row(row) + columns, bounds, action)
  }
}

/// d v with d = shape - ⅓ and v = (1 + z/√9d)³, for the first normal z with ln u < ½z² + d (1 - v + ln v).
@inline(__always) private func gammaDraw(_ shapeLessOne: Double, _ normals: Vector, _ uniforms: Vector) -> Double {
  let d = shapeLessOne + 2.0 / 3
  let z = kernel_widen8(normals)
  let root = 1 + z * (1 / (9 * d).squareRoot())
  let v = root * root * root
  let logUniform = wideLogarithm(kernel_widen8(uniforms) + 0x1p-25)
  // Lanes whose root is not positive are rejected; their logarithm is not used.
  let limit = 0.5 * z * z + d * (1 - v + wideLogarithm(kernel_max_wide8(v, broadcastWide(1e-300))))
  let accepted = kernel_less_wide8(logUniform, limit) & kernel_less_wide8(broadcastWide(0), root)
  for lane in 0..<8 where accepted[lane] != 0 { return d * v[lane] }
  return d
}
