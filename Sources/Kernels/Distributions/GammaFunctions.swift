import KernelShims

// Only for x ≥ 1. Each function is computed at y = x + 7 ≥ 8, where seven terms of its asymptotic series reach 10⁻¹³,
// and then at x by its recurrence. So all lanes run the same instructions.
// - Source: Abramowitz and Stegun, "Handbook of mathematical functions" (1964), 6.1.15, 6.1.41, 6.3.5, 6.3.18, 6.4.6,
//   6.4.12.

private let halfLogTwoPi = 0.918_938_533_204_672_74

/// ln Γ(x) = (y - ½) ln y - y + ½ ln 2π + 1/12y - 1/360y³ + … - ln x(x + 1)…(x + 6)
@inline(never) func logGamma(_ x: Wide) -> Wide {
  let y = x + 7
  let inverse = 1 / y
  let s = inverse * inverse
  var p = broadcastWide(1.0 / 156)
  p = p * s - 691.0 / 360_360
  p = p * s + 1.0 / 1_188
  p = p * s - 1.0 / 1_680
  p = p * s + 1.0 / 1_260
  p = p * s - 1.0 / 360
  p = p * s + 1.0 / 12
  var product = x
  for i in 1..<7 { product *= x + Double(i) }
  return (y - 0.5) * wideLogarithm(y) - y + halfLogTwoPi + p * inverse - wideLogarithm(product)
}

/// ψ(x) = d ln Γ/dx = ln y - 1/2y - 1/12y² + 1/120y⁴ - … - Σ_{i<7} 1/(x + i)
@inline(never) func digamma(_ x: Wide) -> Wide {
  let y = x + 7
  let inverse = 1 / y
  let s = inverse * inverse
  var p = broadcastWide(-1.0 / 12)
  p = p * s + 691.0 / 32_760
  p = p * s - 1.0 / 132
  p = p * s + 1.0 / 240
  p = p * s - 1.0 / 252
  p = p * s + 1.0 / 120
  p = p * s - 1.0 / 12
  var below = 1 / x
  for i in 1..<7 { below += 1 / (x + Double(i)) }
  return wideLogarithm(y) - 0.5 * inverse + p * s - below
}

/// ψ'(x) = 1/y + 1/2y² + 1/6y³ - 1/30y⁵ + … + Σ_{i<7} 1/(x + i)²
@inline(never) func trigamma(_ x: Wide) -> Wide {
  let y = x + 7
  let inverse = 1 / y
  let s = inverse * inverse
  var p = broadcastWide(7.0 / 6)
  p = p * s - 691.0 / 2_730
  p = p * s + 5.0 / 66
  p = p * s - 1.0 / 30
  p = p * s + 1.0 / 42
  p = p * s - 1.0 / 30
  p = p * s + 1.0 / 6
  var below = 1 / (x * x)
  for i in 1..<7 {
    let term = x + Double(i)
    below += 1 / (term * term)
  }
  return inverse + 0.5 * s + p * s * inverse + below
}
