import KernelShims

// Rows of logits: row i begins at `logits + i * stride`, and p = softmax(row). Actions are floats that hold whole numbers
// from 0 to `columns` - 1, one for each row, `actionStride` apart.

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

/// The most probable choice, the first of equals.
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

/// Draws an action for each row by the inverse of the cumulative distribution, from `uniforms` in [0, 1), one a row.
///
/// The choice is the first whose cumulative probability exceeds the uniform, hence never one of probability 0.
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

/// The choice at which the running sum of weights passes `threshold`.
///
/// Blocks of eight are summed just as ``Softmax`` sums them, so that the last sum is the total itself, which a threshold
/// lies below. Within a block the lanes may sum to a hair less than the block; then its last possible choice is the one.
@inline(__always) private func drawn(_ softmax: Softmax, _ threshold: Double) -> Int {
  var before = 0.0
  var j = 0
  while j < softmax.columns {
    let weights = exponentialOfNonPositive(softmax.distances(from: j))
    let after = before + Double(kernel_sum8(weights))
    if after > threshold {
      // Counted rather than looked for: where the sum passes is chance, and a branch on it would be mispredicted.
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
