import KernelShims

/// The gradient of w log p(a) + β H with respect to the logits:
///
///     gradient[row, j] = w (1[j = a] - p_j) - β p_j (log p_j + H)
///
/// with w = `weights[row]` and β = `entropyWeight`. Exactly 0 where a logit is -∞. The gradient may take the logits' place.
public func categoricalScore(
  _ rows: Int, _ columns: Int, _ logits: UnsafePointer<Float>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ actionStride: Int, _ weights: UnsafePointer<Float>, _ entropyWeight: Float,
  _ gradient: UnsafeMutablePointer<Float>, _ gradientStride: Int
) {
  for row in 0..<rows {
    let logit = logits + row * stride
    let slope = gradient + row * gradientStride
    let action = Int(actions[row * actionStride])
    let weight = weights[row]
    let possible = logit[action] != -.infinity
    let softmax = Softmax(logit, columns)
    let offset = entropyWeight == 0 ? 0 : softmax.entropy(logit, columns) - softmax.logTotal
    let inverse = Float(1 / softmax.total)
    var j = 0
    while j < columns {
      let distance = softmax.distances(load(logit + j, columns - j))
      let probability = exponential(distance) * inverse
      let pull = fused(broadcast(weight), entropyWeight, distance + offset)
      store(-probability * pull, slope + j, columns - j)
      j += 8
    }
    if possible { slope[action] += weight }
  }
}
