import PolicyGradient

/// Pr(F > x) of Fisher's F distribution with `a` and `b` degrees of freedom.
func tailOfF(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 1 }
  guard x.isFinite else { return 0 }
  return incompleteBeta(b / (b + a * x), b / 2, a / 2)
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction where that converges fast.
/// - Source: Abramowitz & Stegun (1964), 26.5.8; evaluated as by Lentz (1976).
private func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
  let tiny = 1e-300
  func awayFromZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
  var fraction = d
  for m in stride(from: 1.0, through: 10_000, by: 1) {
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    var change = 1.0
    for term in [even, odd] {
      d = 1 / awayFromZero(1 + term * d)
      c = awayFromZero(1 + term / c)
      change = c * d
      fraction *= change
    }
    if abs(change - 1) < 1e-15 { break }
  }
  return min(front * fraction, 1)
}
