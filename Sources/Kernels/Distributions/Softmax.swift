import KernelShims

/// What turns a row of logits into log-probabilities: `log p_j = (logit_j - maximum) - logTotal`.
///
/// The categorical kernels come to their probabilities through this, or through ``NarrowSoftmax`` where the choices are
/// few; a row's bits depend on nothing but the row. At least one logit must be above -∞; a choice whose logit is -∞ has
/// probability exactly 0.
struct Softmax {
  let logits: UnsafePointer<Float>
  let columns: Int
  let maximum: Float
  /// Σ_j exp(logit_j - maximum), 1 to `columns`.
  let total: Double
  /// From the total less 1, summed apart: where one choice is nearly certain, what is left to the others says how
  /// nearly.
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

/// A weight is 0 long before a distance of -200; held there, 0 · -∞ does not arise.
@inline(__always) func clampedDistance(_ distance: Vector) -> Vector { kernel_max8(distance, broadcast(-200)) }

/// The weights of choices less probable than the most probable, and 0; NaN of NaN.
@inline(__always) func belowMaximum(_ weight: Vector, _ distance: Vector) -> Vector {
  float(bits: bits(weight) & ~kernel_equal8(distance, broadcast(0)))
}

/// 1 for the most probable choice and each that equals it, and 0.
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
