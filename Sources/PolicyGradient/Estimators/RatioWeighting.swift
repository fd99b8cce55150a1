/// A weighting by the probability ratio r = π(a|s)/π_old(a|s). It reports a KL estimate and the share of clipped rows.
///
/// The KL estimate is the mean of (r - 1) - log r, which is never negative (Schulman, "Approximating KL divergence",
/// 2020).
protocol RatioWeighting: ScoreWeighting {
  /// ε; rows with |r - 1| > ε count as clipped.
  var clipRange: Float { get }

  /// One row's weight on the score, and its term of the surrogate.
  func weigh(ratio: Float, advantage: Float, divergence: Double) -> (weight: Float, surrogate: Double)
}

extension RatioWeighting {
  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    rows.ratios(into: weights, logRatios: scratch, kernels)
    for row in 0..<rows.count {
      let ratio = weights[row]
      let divergence = WeighedRows.divergence(ratio: ratio, logRatio: scratch[row])
      let (weight, surrogate) = weigh(ratio: ratio, advantage: rows.advantages[row], divergence: divergence)
      weights[row] = weight
      tally.loss -= surrogate
      tally.kl += divergence
      if abs(ratio - 1) > clipRange { tally.clipped += 1 }
    }
  }
}
