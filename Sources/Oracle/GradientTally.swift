import PolicyGradient

/// Sums over independent estimates of a gradient. Their bias and variance are computed from these.
///
/// Deviations from the exact gradient are summed, so nothing cancels for estimates near it.
final class GradientTally {
  /// The number of directions that the test for bias uses: the exact gradient's, and those with the largest scores.
  static let testedDirections = 32

  private let rank: Int
  private let exactNorm: Double
  private let tested: Int
  private(set) var count = 0
  private var sums: [Double]
  private var sumOfSquares = 0.0
  /// Second moments of the first ``tested`` coordinates, the upper triangle by rows.
  private var moments: [Double]

  /// - Parameters:
  ///   - rank: The number of coordinates of an estimate; the first is along the exact gradient.
  ///   - count: How many estimates there will be.
  init(rank: Int, exactNorm: Double, count: Int) {
    self.rank = rank
    self.exactNorm = exactNorm
    tested = min(rank, GradientTally.testedDirections, max((count - 1) / 2, 1))
    sums = Array(repeating: 0, count: rank)
    moments = Array(repeating: 0, count: tested * tested)
  }

  /// Adds an estimate, and replaces it by its deviation from the exact gradient.
  func add(_ estimate: UnsafeMutablePointer<Double>) {
    if rank > 0 { estimate[0] -= exactNorm }
    for k in 0..<rank { sums[k] += estimate[k] }
    sumOfSquares += innerProduct(estimate, estimate, rank)
    moments.withUnsafeMutableBufferPointer { moments in
      guard let moments = moments.baseAddress else { return }
      for i in 0..<tested {
        let (row, factor) = (moments + i * tested, estimate[i])
        for j in i..<tested { row[j] += factor * estimate[j] }
      }
    }
    count += 1
  }

  /// The mean minus the exact gradient.
  var bias: [Double] { sums.map { $0 / Double(count) } }

  var mean: [Double] { bias.enumerated().map { $0 == 0 ? $1 + exactNorm : $1 } }

  var biasNorm: Double { euclideanNorm(bias) }

  /// The trace of the covariance of one estimate.
  var totalVariance: Double {
    let squaredBias = biasNorm * biasNorm
    return max(sumOfSquares / Double(count) - squaredBias, 0) * Double(count) / Double(max(count - 1, 1))
  }

  /// The cosine of the angle between the mean and the exact gradient; NaN if one of them is 0.
  var cosine: Double {
    let mean = mean
    return rank > 0 && exactNorm > 0 ? mean[0] / euclideanNorm(mean) : .nan
  }

  /// The bias along the exact gradient in standard errors; NaN if nothing varies.
  var z: Double {
    guard rank > 0, exactNorm > 0 else { return .nan }
    return bias[0] / (covariance(0, 0) / Double(count)).squareRoot()
  }

  private func covariance(_ i: Int, _ j: Int) -> Double {
    let (n, bias) = (Double(count), bias)
    return (moments[min(i, j) * tested + max(i, j)] / n - bias[i] * bias[j]) * n / (n - 1)
  }

  /// The p value of the hypothesis that there is no bias, by Hotelling's T² over the tested directions.
  ///
  ///     T² = n b̄ᵀ S⁻¹ b̄,   T² (n - k) / (k (n - 1)) ~ F(k, n - k)
  ///
  /// Directions in which nothing varies are omitted. If the mean differs from the exact gradient in one of them, the
  /// result is 0.
  /// - Source: Hotelling, "The generalization of Student's ratio" (1931).
  var pValue: Double {
    guard count > tested, tested > 0 else { return .nan }
    var bias = Array(bias.prefix(tested))
    var s = (0..<tested * tested).map { covariance($0 / tested, $0 % tested) }
    let least = 1e-10 * (0..<tested).reduce(0) { max($0, s[$1 * tested + $1]) }
    let noticeable = 1e-6 * max(exactNorm, biasNorm)
    var (statistic, k) = (0.0, 0)
    // Elimination by rows: the remaining bias of row i is the part that earlier rows do not explain.
    for i in 0..<tested {
      let pivot = s[i * tested + i]
      guard pivot > least else {
        if abs(bias[i]) > noticeable { return 0 }
        continue
      }
      statistic += bias[i] * bias[i] / pivot
      k += 1
      for row in i + 1..<tested {
        let factor = s[row * tested + i] / pivot
        for column in i..<tested { s[row * tested + column] -= factor * s[i * tested + column] }
        bias[row] -= factor * bias[i]
      }
    }
    guard k > 0 else { return 1 }
    let (n, degrees) = (Double(count), Double(k))
    return tailOfF(n * statistic * (n - degrees) / (degrees * (n - 1)), degrees, n - degrees)
  }
}

private func euclideanNorm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

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
