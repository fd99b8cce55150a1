import KernelShims

// Rows of logits: row i begins at `logits + i * stride`, and p = softmax(row). Actions are floats that hold whole numbers
// from 0 to `columns` - 1, one for each row, `actionStride` apart.

/// `result[row] += log p(action)`; -∞ for a choice of probability 0.
public func categoricalLogProbability(
  _ rows: Int, _ columns: Int, _ logits: UnsafePointer<Float>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ actionStride: Int, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let logit = logits + row * stride
    let softmax = Softmax(logit, columns)
    result[row] += softmax.logProbability(logit[Int(actions[row * actionStride])])
  }
}

/// `result[row] += H`, the entropy -Σ_j p_j log p_j.
public func categoricalEntropy(
  _ rows: Int, _ columns: Int, _ logits: UnsafePointer<Float>, _ stride: Int, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let logit = logits + row * stride
    result[row] += Softmax(logit, columns).entropy(logit, columns)
  }
}

/// The most probable choice, the first of equals.
public func categoricalMode(
  _ rows: Int, _ columns: Int, _ logits: UnsafePointer<Float>, _ stride: Int,
  _ actions: UnsafeMutablePointer<Float>, _ actionStride: Int
) {
  for row in 0..<rows {
    let logit = logits + row * stride
    let maximum = rowMaximum(logit, columns)
    var choice = 0
    while choice < columns - 1 && logit[choice] != maximum { choice += 1 }
    actions[row * actionStride] = Float(choice)
  }
}

/// Draws an action for each row by the inverse of the cumulative distribution, from `uniforms` in [0, 1), one a row.
///
/// The choice is the first whose cumulative probability exceeds the uniform, hence never one of probability 0.
/// `result[row] += log p(action)`, with the bits of ``categoricalLogProbability``.
public func categoricalSample(
  _ rows: Int, _ columns: Int, _ logits: UnsafePointer<Float>, _ stride: Int, _ uniforms: UnsafePointer<Float>,
  _ actions: UnsafeMutablePointer<Float>, _ actionStride: Int, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let logit = logits + row * stride
    let softmax = Softmax(logit, columns)
    let choice = drawn(Double(uniforms[row]) * softmax.total, logit, columns, softmax)
    actions[row * actionStride] = Float(choice)
    result[row] += softmax.logProbability(logit[choice])
  }
}

/// The choice at which the running sum of exp(logit - maximum) passes `threshold`.
///
/// Blocks of eight are summed just as ``Softmax`` sums them, so that the last sum is the total itself, which a threshold
/// lies below. Within a block the lanes may sum to a hair less than the block; then its last possible choice is the one.
@inline(__always) private func drawn(
  _ threshold: Double, _ logits: UnsafePointer<Float>, _ columns: Int, _ softmax: Softmax
) -> Int {
  var before = 0.0
  var choice = 0
  var j = 0
  while j < columns {
    let weights = exponential(load(logits + j, columns - j, fill: -.infinity) - softmax.maximum)
    let after = before + Double(kernel_sum8(weights))
    if after > threshold {
      for lane in 0..<8 where weights[lane] > 0 {
        choice = j + lane
        before += Double(weights[lane])
        if before > threshold { break }
      }
      return choice
    }
    before = after
    j += 8
  }
  return choice
}
