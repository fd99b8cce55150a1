import KernelShims

/// The log-probabilities of a row of logits: `log p_j = (logit_j - maximum) - logTotal`.
///
/// All categorical kernels use this, or ``NarrowSoftmax`` for few choices. A row's bits depend only on the row. At
/// least one logit must be above -∞. A choice with logit -∞ has probability exactly 0.
struct Softmax {
  let logits: UnsafePointer<Float>
  let columns: Int
  let maximum: Float
  /// Σ_j exp(logit_j - maximum), 1 to `columns`.
  let total: Double
  /// ln total, computed from total - 1, which is summed separately. So it is exact where one choice is nearly certain
  /// and the others add little.
  let logTotal: Float
  /// H = -Σ_j p_j log p_j = logTotal - Σ_j p_j (logit_j - maximum).
  let entropy: Float

  @inline(__always) init(_ logits: UnsafePointer<Float>, _ columns: Int) {
    self.logits = logits
    self.columns = columns
    maximum = rowMaximum(logits, columns)
    var total = 0.0
    var rest = 0.0
    var equals = -1.0
    var moment = 0.0
    var j = 0
    while j < columns {
      let distance = clampedDistance(loadPartial(logits + j, columns - j, fill: -.infinity) - maximum)
      let weight = exponentialOfNonPositive(distance)
      total += Double(kernel_sum8(weight))
      rest += Double(kernel_sum8(belowMaximum(weight, distance)))
      equals += Double(kernel_sum8(atMaximum(distance)))
      moment += Double(kernel_sum8(weight * distance))
      j += 8
    }
    self.total = total
    logTotal = logarithmOfOnePlus(broadcast(Float(rest + equals)))[0]
    entropy = logTotal - Float(moment / total)
  }

  @inline(__always) func logProbability(_ choice: Int) -> Float { (logits[choice] - maximum) - logTotal }

  /// logit - maximum for the eight choices from j on.
  @inline(__always) func distances(from j: Int) -> Vector {
    clampedDistance(loadPartial(logits + j, columns - j, fill: -.infinity) - maximum)
  }
}

/// A distance, at least -200, where the weight is 0 already. So 0 · -∞ does not arise.
@inline(__always) func clampedDistance(_ distance: Vector) -> Vector { kernel_max8(distance, broadcast(-200)) }

/// The weight of a choice that is less probable than the most probable; 0 for the most probable. NaN for NaN.
@inline(__always) func belowMaximum(_ weight: Vector, _ distance: Vector) -> Vector {
  float(bits: bits(weight) & ~kernel_equal8(distance, broadcast(0)))
}

/// 1 for the most probable choice and for each that equals it, else 0.
@inline(__always) func atMaximum(_ distance: Vector) -> Vector {
  float(bits: bits(broadcast(1)) & kernel_equal8(distance, broadcast(0)))
}

@inline(__always) func rowMaximum(_ logits: UnsafePointer<Float>, _ columns: Int) -> Float {
  var maximum = broadcast(-.infinity)
  var j = 0
  while j < columns {
    maximum = kernel_max8(maximum, loadPartial(logits + j, columns - j, fill: -.infinity))
    j += 8
  }
  return kernel_maximum8(maximum)
}
