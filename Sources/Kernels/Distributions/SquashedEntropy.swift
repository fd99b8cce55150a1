import KernelShims

/// E[ln(1 - tanh²u)] for a normal u, and its slopes. This part of a squashed normal's entropy has no closed form.
///
/// Below σ = ½ it is computed by Gauss–Hermite quadrature on eight nodes. Above, -2|u| is split off, smoothed by a
/// normal with the deviation τ = π/√12, for which the rest decays fastest. The smoothed part has the mean of a folded
/// normal. The rest r(u), 0 beyond ±8, is summed on 32 fixed points by the trapezoidal rule. The error is below 3·10⁻⁶
/// for every mean and σ. The slopes are the derivatives of these sums.
/// - Source: Trefethen and Weideman, "The exponentially convergent trapezoidal rule" (2014).
struct SquashedCorrection {
  var value: Double
  var meanSlope: Double
  var logStdSlope: Double

  @inline(__always) init(mean: Float, logStd: Float) {
    let mean = Double(mean)
    let deviation = wideExponential(broadcastWide(Double(logStd)))[0]
    self = deviation < 0.5 ? .narrow(mean, deviation) : .broad(mean, deviation)
  }

  @inline(__always) private init(_ value: Double, _ meanSlope: Double, _ logStdSlope: Double) {
    (self.value, self.meanSlope, self.logStdSlope) = (value, meanSlope, logStdSlope)
  }

  @inline(__always) private static func narrow(_ mean: Double, _ deviation: Double) -> SquashedCorrection {
    let nodes = Wide(
      -4.1445471861258945, -2.8024858612875416, -1.6365190424351082, -0.5390798113513751, 0.5390798113513751,
      1.6365190424351082, 2.8024858612875416, 4.1445471861258945)
    let weights = Wide(
      0.00011261453837536766, 0.009635220120788268, 0.11723990766175897, 0.3730122576790773, 0.3730122576790773,
      0.11723990766175897, 0.009635220120788268, 0.00011261453837536766)
    let u = mean + deviation * nodes
    let distance = -2 * magnitude(u)
    let power = wideExponential(distance)
    let value = 2 * ln2 + distance - 2 * wideLogarithmOfOnePlus(power)
    let tanh = kernel_select_wide8(kernel_less_wide8(u, broadcastWide(0)), power - 1, 1 - power) / (1 + power)
    let slope = -2 * weights * tanh
    return SquashedCorrection(
      kernel_sum_wide8(weights * value), kernel_sum_wide8(slope), kernel_sum_wide8(slope * deviation * nodes))
  }

  @inline(__always) private static func broad(_ mean: Double, _ deviation: Double) -> SquashedCorrection {
    let smoothed = (deviation * deviation + .pi * .pi / 12).squareRoot()
    let ratio = mean / smoothed
    let density = inverseRootTwoPi * wideExponential(broadcastWide(-0.5 * ratio * ratio))[0]
    let sign = kernel_erf(ratio * 0.5.squareRoot())
    var sum = SquashedCorrection(
      2 * ln2 - 2 * (mean * sign + 2 * smoothed * density), -2 * sign,
      -4 * density * deviation * deviation / smoothed)
    sum.add(at: nodesNear, rest: restNear, mean, deviation)
    sum.add(at: nodesFar, rest: restFar, mean, deviation)
    sum.add(at: -nodesNear, rest: restNear, mean, deviation)
    sum.add(at: -nodesFar, rest: restFar, mean, deviation)
    return sum
  }

  /// Adds Σ_j r(u_j) · ½ · N(u_j; mean, deviation).
  @inline(__always) private mutating func add(at u: Wide, rest: Wide, _ mean: Double, _ deviation: Double) {
    let inverse = 1 / deviation
    let t = (u - mean) * inverse
    let term = rest * wideExponential(-0.5 * t * t) * (0.5 * inverseRootTwoPi * inverse)
    value += kernel_sum_wide8(term)
    meanSlope += kernel_sum_wide8(term * t) * inverse
    logStdSlope += kernel_sum_wide8(term * (t * t - 1))
  }
}

private let ln2 = 0.693_147_180_559_945_3
private let inverseRootTwoPi = 0.398_942_280_401_432_7
private let nodesNear = Wide(0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75)
private let nodesFar = Wide(4.25, 4.75, 5.25, 5.75, 6.25, 6.75, 7.25, 7.75)
// r(u) = ln(1 - tanh²u) - 2 ln 2 + 2 (u erf(u/τ√2) + 2τ φ(u/τ)) at the nodes.
private let restNear = Wide(
  0.053690060794747696, 0.012872051313506105, -0.01828268473978234, -0.022386218198921837, -0.014385151571527865,
  -0.006920671472446349, -0.0028529942790249674, -0.0010917312752629638)
private let restFar = Wide(
  -0.0004058996840610174, -0.00014964523893978843, -5.5070037429549856e-05, -2.026002188748599e-05,
  -7.453291059666967e-06, -2.741916270698752e-06, -1.0086950703591668e-06, -3.710782381372013e-07)

/// `result[row] += Σ_j log σ_j + ½ log 2πe + E[ln |da_j/du_j|]`.
public func squashedEntropy(
  _ rows: Int, _ columns: Int, _ mean: Rows, _ logStd: Rows, _ low: Double, _ high: Double,
  _ result: UnsafeMutablePointer<Float>
) {
  let logStds = LogStd(logStd)
  // ½ log 2πe + ln of half the range
  let constant = 1.418_938_533_204_672_7 + wideLogarithm(broadcastWide(0.5 * (high - low)))[0]
  for row in 0..<rows {
    var sum = Double(columns) * constant
    for j in 0..<columns {
      let logSigma = logStds.values(row, j, 1)[0]
      sum += Double(logSigma) + SquashedCorrection(mean: mean.row(row)[j], logStd: logSigma).value
    }
    result[row] += Float(sum)
  }
}
