import KernelShims

/// `result[row] += Σ_j KL(p_j ‖ q_j)`, where q has the logits w in `otherLogits`:
///
///     KL(p ‖ q) = p (z - w) + softplus(w) - softplus(z)
///
/// It is equal for (-z, -w). The one with z ≤ 0 is used, where nothing cancels.
public func bernoulliDivergence(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ otherLogits: Rows, _ result: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    var sum = broadcastWide(0)
    var j = 0
    while j < columns {
      let count = columns - j
      let raw = finiteLogits(logits.row(row) + j, count)
      let other = finiteLogits(otherLogits.row(row) + j, count)
      let isPositive = kernel_less_wide8(broadcastWide(0), raw)
      let z = kernel_select_wide8(isPositive, -raw, raw)
      let w = kernel_select_wide8(isPositive, -other, other)
      sum += leading(count, of: logistic(z) * (z - w) + (softplus(w) - softplus(z)))
      j += 8
    }
    result[row] += Float(atLeastZero(kernel_sum_wide8(sum)))
  }
}

/// Logits with ±∞ replaced by ±10³⁹, which is larger than any float.
@inline(__always) private func finiteLogits(_ logits: UnsafePointer<Float>, _ count: Int) -> Wide {
  kernel_min_wide8(kernel_max_wide8(loadWide(logits, count), broadcastWide(-1e39)), broadcastWide(1e39))
}

/// Replaces `tangents` t by F t, where F is the Fisher matrix by the logits: t_j ← p_j (1 - p_j) t_j.
public func bernoulliFisher(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ tangents: MutableRows
) {
  for row in 0..<rows {
    let tangent = tangents.row(row)
    var j = 0
    while j < columns {
      let count = columns - j
      let z = loadWide(logits.row(row) + j, count)
      storeWide(logistic(z) * logistic(-z) * loadWide(tangent + j, count), tangent + j, count)
      j += 8
    }
  }
}
