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
