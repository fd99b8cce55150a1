import KernelShims

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
