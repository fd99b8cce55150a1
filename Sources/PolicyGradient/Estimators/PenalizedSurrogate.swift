/// PPO with a penalty: the gradient of E[ r A ] - β KL(π_old‖π) with r = π(a|s)/π_old(a|s), whose weight on the score is
/// r A - β (r - 1), since ∇KL(π_old‖π) = E_old[ (r - 1) ∇log π(a|s) ].
///
/// β doubles where an update moved the policy by more than 1.5 times the desired KL, and halves below 1/1.5 of it.
/// - Source: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal policy optimization algorithms" (2017), section 4.
struct PenalizedSurrogate: ScoreWeighting {
  let coefficient: Float
  /// Only counts rows beyond it.
  let clipRange: Float

  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    rows.ratios(into: weights, logRatios: scratch, kernels)
    for row in 0..<rows.count {
      let (ratio, logRatio, advantage) = (weights[row], scratch[row], rows.advantages[row])
      let divergence = WeighedRows.divergence(ratio: ratio, logRatio: logRatio)
      weights[row] = ratio * advantage - coefficient * (ratio - 1)
      tally.loss -= Double(ratio) * Double(advantage) - Double(coefficient) * divergence
      tally.kl += divergence
      if abs(ratio - 1) > clipRange { tally.clipped += 1 }
    }
  }
}
