import KernelShims

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
