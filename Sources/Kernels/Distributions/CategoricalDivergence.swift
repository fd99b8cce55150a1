import KernelShims

// The Kullback–Leibler divergence of categorical distributions, and its curvature. In double precision: for nearly
// certain or nearly equal distributions, both are small differences of large numbers.

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

/// logit - maximum, at least -10³⁹, which is below any float. So ∞ - ∞ does not arise, and a choice with logit -∞ adds
/// nothing that a float can represent.
@inline(__always) private func clampedWideDistance(_ logits: UnsafePointer<Float>, _ count: Int, _ maximum: Double)
  -> Wide
{
  kernel_max_wide8(loadWide(logits, count, fill: -.infinity) - maximum, broadcastWide(-1e39))
}

/// `result[row] += KL(p ‖ q) = Σ_j p_j (log p_j - log q_j)`, where q is the softmax of `otherLogits`.
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

/// Replaces negative results of rounding by 0. NaN for NaN.
@inline(__always) func atLeastZero(_ divergence: Double) -> Double { divergence < 0 ? 0 : divergence }

/// Replaces `tangents` t by F t, where F is the Fisher matrix by the logits: t_j ← p_j (t_j - Σ_k p_k t_k).
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
