import KernelShims

// Independent bits with the logits z and p = 1/(1 + e^-z). Actions are floats that are 0 or 1, `columns` for each row.
// With a logit of -∞ the bit is always 0.

/// `result[row] += Σ_j log p(a_j)`, which is -softplus(-z_j) for a 1 and -softplus(z_j) for a 0.
public func bernoulliLogProbability(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ actions: Rows, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    result[row] += logProbability(columns, logits.row(row), actions.row(row))
  }
}

@inline(__always) private func logProbability(
  _ columns: Int, _ logits: UnsafePointer<Float>, _ actions: UnsafePointer<Float>
) -> Float {
  var sum = broadcastWide(0)
  var j = 0
  while j < columns {
    let count = columns - j
    sum -= leading(count, of: softplus(signs(actions + j, count) * loadWide(logits + j, count)))
    j += 8
  }
  return Float(kernel_sum_wide8(sum))
}

/// -1 for a 1, and 1 for a 0.
@inline(__always) private func signs(_ actions: UnsafePointer<Float>, _ count: Int) -> Wide {
  1 - 2 * loadWide(actions, count)
}

/// `result[row] += H = Σ_j softplus(z_j) - z_j p_j`. H is equal for z and -z.
public func bernoulliEntropy(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      let count = columns - j
      let distance = -magnitude(clampedLogits(logits.row(row) + j, count))
      let odds = wideExponential(distance)
      sum += leading(count, of: wideLogarithmOfOnePlus(odds) - distance * odds / (1 + odds))
      j += 8
    }
    result[row] += Float(kernel_sum_wide8(sum))
  }
}

/// Logits clamped to ±700, where p(1 - p) is 0 as a float. So 0 · ∞ does not arise.
@inline(__always) private func clampedLogits(_ logits: UnsafePointer<Float>, _ count: Int) -> Wide {
  kernel_min_wide8(kernel_max_wide8(loadWide(logits, count), broadcastWide(-700)), broadcastWide(700))
}

/// `actions[row, j] = 1` where `uniforms[row, j]`, in [0, 1), is below p, else 0. The uniforms are `rows` × `columns`
/// without gaps.
///
/// `result[row] += log p(action)`, with the bits of ``bernoulliLogProbability``.
public func bernoulliSample(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ uniforms: UnsafePointer<Float>,
  _ actions: MutableRows, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let action = actions.row(row)
    var j = 0
    while j < columns {
      let count = columns - j
      // As a float, so that p is 0 for a bit that is always 0.
      let p = kernel_narrow8(logistic(loadWide(logits.row(row) + j, count)))
      let isOne = kernel_less8(loadPartial(uniforms + row * columns + j, count), p)
      storePartial(kernel_select8(isOne, broadcast(1), broadcast(0)), action + j, count)
      j += 8
    }
    result[row] += logProbability(columns, logits.row(row), action)
  }
}

/// The gradient of w log p(a) + β H with respect to the logits:
///
///     gradient[row, j] = w (a_j - p_j) - β z_j p_j (1 - p_j)
///
/// with w = `weights[row]` and β = `entropyWeights[row]`. The gradient may overwrite the logits.
public func bernoulliScore(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ actions: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ gradient: MutableRows
) {
  for row in 0..<rows {
    let weight = Double(weights[row])
    let beta = Double(entropyWeights[row])
    var j = 0
    while j < columns {
      let count = columns - j
      let z = clampedLogits(logits.row(row) + j, count)
      let sign = signs(actions.row(row) + j, count)
      let slope = z * logistic(z) * logistic(-z)
      // a - p without cancellation: 1 - p = p(-z) for a 1, -p for a 0.
      storeWide(-weight * sign * logistic(sign * z) - beta * slope, gradient.row(row) + j, count)
      j += 8
    }
  }
}
