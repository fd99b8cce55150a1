/// What NPG and TRPO climb: E[ r A ] with r = π(a|s)/π_old(a|s), whose weight on the score is r A; at π = π_old the policy
/// gradient itself.
/// - Source: Schulman, Levine, Moritz, Jordan & Abbeel, "Trust region policy optimization" (2015), equation 14.
struct RatioSurrogate: ScoreWeighting {
  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    for row in 0..<rows.count { scratch[row] = rows.logProbabilities[row] - rows.oldLogProbabilities[row] }
    kernels.exponential(scratch, weights, rows.count)
    for row in 0..<rows.count {
      weights[row] *= rows.advantages[row]
      tally.loss -= Double(weights[row])
    }
  }
}
