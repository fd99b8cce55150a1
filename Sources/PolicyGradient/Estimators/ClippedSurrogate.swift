/// PPO: the gradient of E[ min(r A, clip(r, 1 - ε, 1 + ε) A) ] with r = π(a|s)/π_old(a|s), whose weight on the score is r A
/// where the clip is not active and 0 where it is.
///
/// The KL estimate is the mean of (r - 1) - log r, which is never negative (Schulman, "Approximating KL divergence", 2020).
/// - Source: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal policy optimization algorithms" (2017).
struct ClippedSurrogate: ScoreWeighting {
  let clipRange: Float

  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    rows.ratios(into: weights, logRatios: scratch, kernels)
    for row in 0..<rows.count {
      let (ratio, logRatio, advantage) = (weights[row], scratch[row], rows.advantages[row])
      let clipped = min(max(ratio, 1 - clipRange), 1 + clipRange)
      let (free, bound) = (ratio * advantage, clipped * advantage)
      weights[row] = free <= bound ? free : 0
      tally.loss -= Double(min(free, bound))
      tally.kl += WeighedRows.divergence(ratio: ratio, logRatio: logRatio)
      if abs(ratio - 1) > clipRange { tally.clipped += 1 }
    }
  }
}
