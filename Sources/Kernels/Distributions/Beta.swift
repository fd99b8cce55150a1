import KernelShims

// Independent beta variables on [low, high]: a row of inputs holds `columns` of them for the first shape, and
// as many for the second. α = 1 + softplus(input), likewise β, so the density has one mode. Inputs above 10⁶ count as
// 10⁶, where the deviation is 4·10⁻⁴ of the range and few different actions are left in a float.

private let greatestInput = 1e6

/// Both shapes of eight columns.
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

  /// The gradient by an input, from that by its shape.
  @inline(__always) static func inputGradient(_ gradient: Wide, _ raw: Wide) -> Wide {
    kernel_select_wide8(
      kernel_less_wide8(broadcastWide(greatestInput), raw), broadcastWide(0), gradient * logistic(raw))
  }
}

/// `result[row] += Σ_j (α_j - 1) ln x_j + (β_j - 1) ln (1 - x_j) - ln B(α_j, β_j) - ln(high - low)`, x being the share of the
/// range.
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

/// `result[row] += Σ_j ln B(α_j, β_j) - (α_j - 1) ψ(α_j) - (β_j - 1) ψ(β_j) + (α_j + β_j - 2) ψ(α_j + β_j) + ln(high - low)`.
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

/// The mode, (α - 1)/(α + β - 2) of the range; its middle where both shapes are 1 and every action is as likely.
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
      // As much added to both as no shape notices, save where both are 1.
      let share = (shapes.alpha + 1e-300) / (shapes.alpha + shapes.beta + 2e-300)
      storeWide(bounds.action(at: share), actions.row(row) + j, count)
      j += 8
    }
  }
}

/// The gradient of w log p(a) + c H with respect to the inputs, through the shapes:
///
///     ∂log p/∂α = ln x - ψ(α) + ψ(α + β),   ∂H/∂α = -(α - 1) ψ'(α) + (α + β - 2) ψ'(α + β),   dα/dinput = 1/(1 + e^-input)
///
/// and likewise for β, with w = `weights[row]` and c = `entropyWeights[row]`. The gradients may take the inputs' places.
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
