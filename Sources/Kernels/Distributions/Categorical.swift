import KernelShims

// Choices with p = softmax(row of logits). Actions are floats that hold whole numbers from 0 to `columns` - 1, one for
// each row.

/// `result[row] += log p(action)`; -∞ for a choice of probability 0.
public func categoricalLogProbability(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ actions: Rows, _ result: UnsafeMutablePointer<Float>
) {
  guard columns > 0 else { return }
  if columns <= NarrowSoftmax.maximumColumns {
    return narrowLogProbability(rows, columns, logits, actions, result)
  }
  for row in 0..<rows {
    result[row] += Softmax(logits.row(row), columns).logProbability(Int(actions.row(row)[0]))
  }
}

/// `result[row] += H`, the entropy -Σ_j p_j log p_j.
public func categoricalEntropy(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ result: UnsafeMutablePointer<Float>
) {
  guard columns > 0 else { return }
  if columns <= NarrowSoftmax.maximumColumns {
    return narrowEntropy(rows, columns, logits, result)
  }
  for row in 0..<rows { result[row] += Softmax(logits.row(row), columns).entropy }
}

/// The most probable choice; the first one if several are equal.
public func categoricalMode(
  _ rows: Int, _ columns: Int, _ logits: Rows,
  _ actions: MutableRows
) {
  guard columns > 0 else { return }
  for row in 0..<rows {
    let logit = logits.row(row)
    let maximum = rowMaximum(logit, columns)
    var choice = 0
    while choice < columns - 1 && logit[choice] != maximum { choice += 1 }
    actions.row(row)[0] = Float(choice)
  }
}

/// Draws an action for each row by the inverse of the cumulative distribution, from one uniform in [0, 1) per row.
///
/// The choice is the first whose cumulative probability exceeds the uniform, so it never has probability 0.
/// `result[row] += log p(action)`, with the bits of ``categoricalLogProbability``.
public func categoricalSample(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ uniforms: UnsafePointer<Float>,
  _ actions: MutableRows, _ result: UnsafeMutablePointer<Float>
) {
  guard columns > 0 else { return }
  if columns <= NarrowSoftmax.maximumColumns {
    return narrowSample(rows, columns, logits, uniforms, actions, result)
  }
  for row in 0..<rows {
    let softmax = Softmax(logits.row(row), columns)
    let choice = drawn(softmax, Double(uniforms[row]) * softmax.total)
    actions.row(row)[0] = Float(choice)
    result[row] += softmax.logProbability(choice)
  }
}

/// The choice at which the running sum of weights exceeds `threshold`.
///
/// Blocks of eight are summed in the order of ``Softmax``, so the last sum equals the total, which is above
/// `threshold`. Within a block, the sum of lanes may round to slightly less than the block's; then the block's last
/// possible choice is drawn.
@inline(__always) private func drawn(_ softmax: Softmax, _ threshold: Double) -> Int {
  var before = 0.0
  var j = 0
  while j < softmax.columns {
    let weights = exponentialOfNonPositive(softmax.distances(from: j))
    let after = before + Double(kernel_sum8(weights))
    if after > threshold {
      // Counted without a branch, which would be mispredicted, since the place is random.
      var passed = 0
      var lastPossible = 0
      for lane in 0..<8 {
        before += Double(weights[lane])
        passed += before > threshold ? 0 : 1
        lastPossible = weights[lane] > 0 ? lane : lastPossible
      }
      return j + (passed < lastPossible ? passed : lastPossible)
    }
    before = after
    j += 8
  }
  return 0
}

/// The gradient of w log p(a) + β H with respect to the logits:
///
///     gradient[row, j] = w (1[j = a] - p_j) - β p_j (log p_j + H)
///
/// with w = `weights[row]` and β = `entropyWeights[row]`. Exactly 0 where a logit is -∞. The gradient may overwrite the
/// logits.
public func categoricalScore(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ actions: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ gradient: MutableRows
) {
  guard columns > 0 else { return }
  if columns <= NarrowSoftmax.maximumColumns {
    return narrowScore(
      rows, columns, logits, actions, weights, entropyWeights, gradient)
  }
  for row in 0..<rows {
    let slope = gradient.row(row)
    let action = Int(actions.row(row)[0])
    let weight = weights[row]
    let entropyWeight = entropyWeights[row]
    let softmax = Softmax(logits.row(row), columns)
    let chosen = softmax.logits[action] == -.infinity ? 0 : weight
    let inverse = Float(1 / softmax.total)
    let offset = softmax.entropy - softmax.logTotal
    var j = 0
    while j < columns {
      let distance = softmax.distances(from: j)
      let pull = fused(broadcast(weight), entropyWeight, distance + offset)
      storePartial(-(exponentialOfNonPositive(distance) * inverse) * pull, slope + j, columns - j)
      j += 8
    }
    slope[action] += chosen
  }
}

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
