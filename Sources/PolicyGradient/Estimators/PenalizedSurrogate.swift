/// PPO with a penalty: the gradient of E[ r A ] - β KL(π_old‖π) with r = π(a|s)/π_old(a|s), whose weight on the score
/// is r A - β (r - 1), since ∇KL(π_old‖π) = E_old[ (r - 1) ∇log π(a|s) ].
///
/// β doubles after an update whose KL exceeds 1.5 times the desired KL, and halves after one below 1/1.5 of it.
/// - Source: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal policy optimization algorithms" (2017), section 4.
struct PenalizedSurrogate: RatioWeighting {
  let coefficient: Float
  let clipRange: Float

  func weigh(ratio: Float, advantage: Float, divergence: Double) -> (weight: Float, surrogate: Double) {
    (
      ratio * advantage - coefficient * (ratio - 1),
      Double(ratio) * Double(advantage) - Double(coefficient) * divergence
    )
  }
}
