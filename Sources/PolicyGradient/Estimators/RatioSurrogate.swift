/// The objective of NPG and TRPO: E[ r A ] with r = π(a|s)/π_old(a|s), whose weight on the score is r A. At π = π_old
/// its gradient is the policy gradient.
/// - Source: Schulman, Levine, Moritz, Jordan & Abbeel, "Trust region policy optimization" (2015), equation 14.
struct RatioSurrogate: ScoreWeighting {
  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    rows.ratios(into: weights, logRatios: scratch, kernels)
    for row in 0..<rows.count {
      weights[row] *= rows.advantages[row]
      tally.loss -= Double(weights[row])
    }
  }
}
