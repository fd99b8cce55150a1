/// SPO: the gradient of E[ r A - |A| (r - 1)² / (2ε) ] with r = π(a|s)/π_old(a|s), whose weight on the score is
/// r (A - |A| (r - 1) / ε).
///
/// Each row's objective is highest at r = 1 + sign(A) ε, the edge of the clip range, and beyond it the weight turns back, where
/// the weight of ``ClippedSurrogate`` is 0.
/// - Source: Xie, Zhang, Yang & Xu, "Simple policy optimization" (2024), equation 7.
struct QuadraticSurrogate: ScoreWeighting {
  let clipRange: Float

  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    rows.ratios(into: weights, logRatios: scratch, kernels)
    for row in 0..<rows.count {
      let (ratio, logRatio, advantage) = (weights[row], scratch[row], rows.advantages[row])
      let change = ratio - 1
      weights[row] = ratio * (advantage - abs(advantage) * change / clipRange)
      let penalty = Double(abs(advantage)) * Double(change) * Double(change) / (2 * Double(clipRange))
      tally.loss -= Double(ratio) * Double(advantage) - penalty
      tally.kl += WeighedRows.divergence(ratio: ratio, logRatio: logRatio)
      if abs(change) > clipRange { tally.clipped += 1 }
    }
  }
}
