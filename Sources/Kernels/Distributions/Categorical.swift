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
