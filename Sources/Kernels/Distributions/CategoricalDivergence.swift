import KernelShims

// The Kullback–Leibler divergence of categorical distributions, and its curvature. In double precision: of a distribution that
// is nearly certain, or of two that are nearly the same, both are small differences of large numbers.

/// A row's softmax in double precision.
private struct WideSoftmax {
  private let logits: UnsafePointer<Float>
  private let columns: Int
  private let maximum: Double
  let total: Double

  @inline(__always) init(_ logits: UnsafePointer<Float>, _ columns: Int) {
    self.logits = logits
    self.columns = columns
    maximum = Double(rowMaximum(logits, columns))
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      sum += wideExponential(clampedWideDistance(logits + j, columns - j, maximum))
      j += 8
    }
    total = kernel_sum_wide8(sum)
  }

  /// log p_j + log total for the eight choices from j on.
  @inline(__always) func distances(from j: Int) -> Wide { clampedWideDistance(logits + j, columns - j, maximum) }
}

/// logit - maximum, held at -10³⁹, below any that floats have: there a choice of logit -∞ adds less than a float can show, and
/// ∞ - ∞ does not arise.
@inline(__always) private func clampedWideDistance(_ logits: UnsafePointer<Float>, _ count: Int, _ maximum: Double)
  -> Wide
{
  kernel_max_wide8(loadWide(logits, count, fill: -.infinity) - maximum, broadcastWide(-1e39))
}

/// `result[row] += KL(p ‖ q) = Σ_j p_j (log p_j - log q_j)`, q being the softmax of `otherLogits`.
public func categoricalDivergence(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ otherLogits: Rows, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let softmax = WideSoftmax(logits.row(row), columns)
    let other = WideSoftmax(otherLogits.row(row), columns)
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      let distance = softmax.distances(from: j)
      sum += wideExponential(distance) * (distance - other.distances(from: j))
      j += 8
    }
    let logRatio = wideLogarithm(broadcastWide(other.total))[0] - wideLogarithm(broadcastWide(softmax.total))[0]
    result[row] += Float(atLeastZero(kernel_sum_wide8(sum) / softmax.total + logRatio))
  }
}

/// What rounding takes below 0 is 0; NaN stays NaN.
@inline(__always) func atLeastZero(_ divergence: Double) -> Double { divergence < 0 ? 0 : divergence }

/// `tangents` t become F t, F being the Fisher matrix by the logits: t_j ← p_j (t_j - Σ_k p_k t_k).
public func categoricalFisher(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ tangents: MutableRows
) {
  for row in 0..<rows {
    let tangent = tangents.row(row)
    let softmax = WideSoftmax(logits.row(row), columns)
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      sum += wideExponential(softmax.distances(from: j)) * loadWide(tangent + j, columns - j)
      j += 8
    }
    let mean = kernel_sum_wide8(sum) / softmax.total
    let inverse = 1 / softmax.total
    j = 0
    while j < columns {
      let count = columns - j
      let p = wideExponential(softmax.distances(from: j)) * inverse
      storeWide(p * (loadWide(tangent + j, count) - mean), tangent + j, count)
      j += 8
    }
  }
}
