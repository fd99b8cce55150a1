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
  let logTotal: Float
  /// H = -Σ_j p_j log p_j = logTotal - Σ_j p_j (logit_j - maximum).
  let entropy: Float

  @inline(__always) init(_ logits: UnsafePointer<Float>, _ columns: Int) {
    self.logits = logits
    self.columns = columns
    maximum = rowMaximum(logits, columns)
    var total = 0.0
    var moment = 0.0
    var j = 0
    while j < columns {
      let distance = clampedDistance(load(logits + j, columns - j, fill: -.infinity) - maximum)
      let weight = decay(distance)
      total += Double(kernel_sum8(weight))
      moment += Double(kernel_sum8(weight * distance))
      j += 8
    }
    self.total = total
    logTotal = logarithm(broadcast(Float(total)))[0]
    entropy = logTotal - Float(moment / total)
  }

  @inline(__always) func logProbability(_ choice: Int) -> Float { (logits[choice] - maximum) - logTotal }

  /// logit - maximum for the eight choices from j on.
  @inline(__always) func distances(from j: Int) -> Vector {
    clampedDistance(load(logits + j, columns - j, fill: -.infinity) - maximum)
  }
}

/// A weight is 0 long before a distance of -200; held there, 0 · -∞ does not arise.
@inline(__always) func clampedDistance(_ distance: Vector) -> Vector { kernel_max8(distance, broadcast(-200)) }

@inline(__always) func rowMaximum(_ logits: UnsafePointer<Float>, _ columns: Int) -> Float {
  var maximum = broadcast(-.infinity)
  var j = 0
  while j < columns {
    maximum = kernel_max8(maximum, load(logits + j, columns - j, fill: -.infinity))
    j += 8
  }
  return kernel_maximum8(maximum)
}
