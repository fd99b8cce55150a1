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

/// SPO: the gradient of E[ r A - |A| (r - 1)² / (2ε) ] with r = π(a|s)/π_old(a|s), whose weight on the score is
/// r (A - |A| (r - 1) / ε).
///
/// Each row's objective is highest at r = 1 + sign(A) ε, the edge of the clip range. Beyond the edge the weight changes
/// sign, where the weight of ``ClippedSurrogate`` is 0.
/// - Source: Xie, Zhang, Yang & Xu, "Simple policy optimization" (2024), equation 7.
struct QuadraticSurrogate: RatioWeighting {
  let clipRange: Float

  func weigh(ratio: Float, advantage: Float, divergence: Double) -> (weight: Float, surrogate: Double) {
    let change = ratio - 1
    let penalty = Double(abs(advantage)) * Double(change) * Double(change) / (2 * Double(clipRange))
    return (ratio * (advantage - abs(advantage) * change / clipRange), Double(ratio) * Double(advantage) - penalty)
  }
}
