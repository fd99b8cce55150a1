import KernelShims

// Independent beta variables on [low, high]. A row of inputs holds `columns` inputs for α, then as many for β.
// α = 1 + softplus(input), and β likewise, so the density has one mode. Inputs are clamped to at most 10⁶, where the
// deviation is 4·10⁻⁴ of the range and a float has few different actions.

private let greatestInput = 1e6

/// The shapes α and β of eight columns.
struct Shapes {
  let rawAlpha: Wide
  let rawBeta: Wide
  /// α - 1 and β - 1.
  let alpha: Wide
  let beta: Wide

  @inline(__always) init(_ alpha: UnsafePointer<Float>, _ beta: UnsafePointer<Float>, _ count: Int) {
    rawAlpha = loadWide(alpha, count)
    rawBeta = loadWide(beta, count)
    self.alpha = softplus(kernel_min_wide8(rawAlpha, broadcastWide(greatestInput)))
    self.beta = softplus(kernel_min_wide8(rawBeta, broadcastWide(greatestInput)))
  }

  /// ln B(α, β)
  @inline(__always) var logBeta: Wide { logGamma(1 + alpha) + logGamma(1 + beta) - logGamma(2 + alpha + beta) }

  /// The gradient by an input, from the gradient by its shape.
  @inline(__always) static func inputGradient(_ gradient: Wide, _ raw: Wide) -> Wide {
    kernel_select_wide8(
      kernel_less_wide8(broadcastWide(greatestInput), raw), broadcastWide(0), gradient * logistic(raw))
  }
}

/// `result[row] += Σ_j (α_j - 1) ln x_j + (β_j - 1) ln (1 - x_j) - ln B(α_j, β_j) - ln(high - low)`, with
/// x = (a - low)/(high - low).
public func betaLogProbability(
  _ rows: Int, _ columns: Int, _ inputs: Rows,
  _ low: Double, _ high: Double, _ lowMargin: Double, _ highMargin: Double, _ actions: Rows,
  _ result: UnsafeMutablePointer<Float>
) {
  let bounds = Bounds(low, high, lowMargin, highMargin)
  for row in 0..<rows {
    result[row] += betaLogDensity(
      columns, inputs.row(row), inputs.row(row) + columns, bounds, actions.row(row))
  }
}

@inline(__always) func betaLogDensity(
  _ columns: Int, _ alpha: UnsafePointer<Float>, _ beta: UnsafePointer<Float>, _ bounds: Bounds,
  _ action: UnsafePointer<Float>
) -> Float {
  var sum = broadcastWide(0)
  var j = 0
  while j < columns {
    let count = columns - j
    let shapes = Shapes(alpha + j, beta + j, count)
    let (fromLow, fromHigh) = bounds.logDistances(loadWide(action + j, count))
    sum += leading(count, of: shapes.alpha * fromLow + shapes.beta * fromHigh - shapes.logBeta)
    j += 8
  }
  return Float(kernel_sum_wide8(sum) - Double(columns) * wideLogarithm(broadcastWide(bounds.range))[0])
}

/// `result[row] += H`:
///
///     H = Σ_j ln B(α_j, β_j) - (α_j - 1) ψ(α_j) - (β_j - 1) ψ(β_j) + (α_j + β_j - 2) ψ(α_j + β_j) + ln(high - low)
public func betaEntropy(
  _ rows: Int, _ columns: Int, _ inputs: Rows,
  _ low: Double, _ high: Double, _ result: UnsafeMutablePointer<Float>
) {
  let logRange = wideLogarithm(broadcastWide(high - low))[0]
  for row in 0..<rows {
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      let count = columns - j
      let shapes = Shapes(inputs.row(row) + j, inputs.row(row) + columns + j, count)
      let total = shapes.alpha + shapes.beta
      sum += leading(
        count,
        of: shapes.logBeta - shapes.alpha * digamma(1 + shapes.alpha) - shapes.beta * digamma(1 + shapes.beta) + total
          * digamma(2 + total))
      j += 8
    }
    result[row] += Float(kernel_sum_wide8(sum) + Double(columns) * logRange)
  }
}

/// The mode, x = (α - 1)/(α + β - 2); the middle of the range if both shapes are 1, where the density is constant.
public func betaMode(
  _ rows: Int, _ columns: Int, _ inputs: Rows,
  _ low: Double, _ high: Double, _ actions: MutableRows
) {
  let bounds = Bounds(low, high, 0, 0)
  for row in 0..<rows {
    var j = 0
    while j < columns {
      let count = columns - j
      let shapes = Shapes(inputs.row(row) + j, inputs.row(row) + columns + j, count)
      // The added numbers are lost in rounding, unless both shapes are 1.
      let share = (shapes.alpha + 1e-300) / (shapes.alpha + shapes.beta + 2e-300)
      storeWide(bounds.action(at: share), actions.row(row) + j, count)
      j += 8
    }
  }
}

/// The gradient of w log p(a) + c H with respect to the inputs, through the shapes:
///
///     ∂log p/∂α = ln x - ψ(α) + ψ(α + β),   ∂H/∂α = -(α - 1) ψ'(α) + (α + β - 2) ψ'(α + β)
///     dα/dinput = 1/(1 + e^-input)
///
/// and likewise for β, with w = `weights[row]` and c = `entropyWeights[row]`. The gradients may overwrite the inputs.
public func betaScore(
  _ rows: Int, _ columns: Int, _ inputs: Rows,
  _ low: Double, _ high: Double, _ lowMargin: Double, _ highMargin: Double, _ actions: Rows,
  _ weights: UnsafePointer<Float>, _ entropyWeights: UnsafePointer<Float>,
  _ gradients: MutableRows
) {
  let bounds = Bounds(low, high, lowMargin, highMargin)
  for row in 0..<rows {
    let weight = Double(weights[row])
    let entropyWeight = Double(entropyWeights[row])
    var j = 0
    while j < columns {
      let count = columns - j
      let shapes = Shapes(inputs.row(row) + j, inputs.row(row) + columns + j, count)
      let (fromLow, fromHigh) = bounds.logDistances(loadWide(actions.row(row) + j, count))
      let total = shapes.alpha + shapes.beta
      let whole = digamma(2 + total)
      var alphaSlope = weight * (fromLow - digamma(1 + shapes.alpha) + whole)
      var betaSlope = weight * (fromHigh - digamma(1 + shapes.beta) + whole)
      if entropyWeight != 0 {
        let shared = total * trigamma(2 + total)
        alphaSlope += entropyWeight * (shared - shapes.alpha * trigamma(1 + shapes.alpha))
        betaSlope += entropyWeight * (shared - shapes.beta * trigamma(1 + shapes.beta))
      }
      storeWide(Shapes.inputGradient(alphaSlope, shapes.rawAlpha), gradients.row(row) + j, count)
      storeWide(Shapes.inputGradient(betaSlope, shapes.rawBeta), gradients.row(row) + columns + j, count)
      j += 8
    }
  }
}

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

/// `result[row] += Σ_j KL(Beta(α_j, β_j) ‖ Beta(γ_j, δ_j))`, where γ and δ come from `otherInputs`:
///
///     KL = ln B(γ, δ) - ln B(α, β) + (α - γ) ψ(α) + (β - δ) ψ(β) - (α - γ + β - δ) ψ(α + β)
public func betaDivergence(
  _ rows: Int, _ columns: Int, _ inputs: Rows,
  _ otherInputs: Rows,
  _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      let count = columns - j
      let shapes = Shapes(inputs.row(row) + j, inputs.row(row) + columns + j, count)
      let other = Shapes(otherInputs.row(row) + j, otherInputs.row(row) + columns + j, count)
      let alphaStep = shapes.alpha - other.alpha
      let betaStep = shapes.beta - other.beta
      let whole = digamma(2 + shapes.alpha + shapes.beta)
      let slope = alphaStep * (digamma(1 + shapes.alpha) - whole) + betaStep * (digamma(1 + shapes.beta) - whole)
      sum += leading(count, of: slope + (other.logBeta - shapes.logBeta))
      j += 8
    }
    result[row] += Float(atLeastZero(kernel_sum_wide8(sum)))
  }
}

/// Multiplies the tangents (s, t) of both inputs by the Fisher matrix, through the shapes:
///
///     (a, b) = (s dα/dinput, t dβ/dinput),   s ← (ψ'(α) a - ψ'(α + β)(a + b)) dα/dinput
///     dα/dinput = 1/(1 + e^-input)
///
/// and likewise for t with β.
public func betaFisher(
  _ rows: Int, _ columns: Int, _ inputs: Rows,
  _ tangents: MutableRows
) {
  for row in 0..<rows {
    let alphaTangent = tangents.row(row)
    let betaTangent = tangents.row(row) + columns
    var j = 0
    while j < columns {
      let count = columns - j
      let shapes = Shapes(inputs.row(row) + j, inputs.row(row) + columns + j, count)
      let a = Shapes.inputGradient(loadWide(alphaTangent + j, count), shapes.rawAlpha)
      let b = Shapes.inputGradient(loadWide(betaTangent + j, count), shapes.rawBeta)
      let shared = trigamma(2 + shapes.alpha + shapes.beta) * (a + b)
      storeWide(Shapes.inputGradient(trigamma(1 + shapes.alpha) * a - shared, shapes.rawAlpha), alphaTangent + j, count)
      storeWide(Shapes.inputGradient(trigamma(1 + shapes.beta) * b - shared, shapes.rawBeta), betaTangent + j, count)
      j += 8
    }
  }
}
