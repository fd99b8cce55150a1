import KernelShims

/// What turns a row of logits into log-probabilities: `log p_j = (logit_j - maximum) - logTotal`.
///
/// Every categorical kernel comes to its probabilities through this, row by row, so that a row's bits depend on nothing
/// but the row. At least one logit must be above -∞; a choice whose logit is -∞ has probability exactly 0.
struct Softmax {
  let maximum: Float
  /// Σ_j exp(logit_j - maximum), 1 to `columns`.
  let total: Double
  let logTotal: Float

  @inline(__always) init(_ logits: UnsafePointer<Float>, _ columns: Int) {
    maximum = rowMaximum(logits, columns)
    var sum = 0.0
    var j = 0
    while j < columns {
      sum += Double(kernel_sum8(exponential(load(logits + j, columns - j, fill: -.infinity) - maximum)))
      j += 8
    }
    total = sum
    logTotal = logarithm(broadcast(Float(sum)))[0]
  }

  @inline(__always) func logProbability(_ logit: Float) -> Float { (logit - maximum) - logTotal }

  /// Logits below the maximum by more than 200 have probability 0 as floats; holding them there keeps 0 · -∞ away.
  @inline(__always) func distances(_ logits: Vector) -> Vector { kernel_max8(logits - maximum, broadcast(-200)) }

  /// H = -Σ_j p_j log p_j = logTotal - Σ_j p_j (logit_j - maximum).
  @inline(__always) func entropy(_ logits: UnsafePointer<Float>, _ columns: Int) -> Float {
    var sum = 0.0
    var j = 0
    while j < columns {
      let distance = distances(load(logits + j, columns - j, fill: -.infinity))
      sum += Double(kernel_sum8(exponential(distance) * distance))
      j += 8
    }
    return logTotal - Float(sum / total)
  }
}

@inline(__always) func rowMaximum(_ logits: UnsafePointer<Float>, _ columns: Int) -> Float {
  var maximum = broadcast(-.infinity)
  var j = 0
  while j < columns {
    maximum = kernel_max8(maximum, load(logits + j, columns - j, fill: -.infinity))
    j += 8
  }
  return kernel_maximum8(maximum)
}
