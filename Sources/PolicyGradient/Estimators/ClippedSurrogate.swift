/// PPO: the gradient of E[ min(r A, clip(r, 1 - ε, 1 + ε) A) ] with r = π(a|s)/π_old(a|s), whose weight on the score is
/// r A where the clip is not active and 0 where it is.
///
/// - Source: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal policy optimization algorithms" (2017).
struct ClippedSurrogate: RatioWeighting {
  let clipRange: Float

  func weigh(ratio: Float, advantage: Float, divergence: Double) -> (weight: Float, surrogate: Double) {
    let clipped = min(max(ratio, 1 - clipRange), 1 + clipRange)
    let (free, bound) = (ratio * advantage, clipped * advantage)
    return (free <= bound ? free : 0, Double(min(free, bound)))
  }
}
