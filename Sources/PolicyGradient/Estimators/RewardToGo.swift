/// A step weighs its score by the rewards that follow it. It cannot have caused earlier rewards; without them the
/// variance is lower.
///
///     ∇J = E[ Σ_t γ^{t-1} (G_t - b(s_t)) ∇log π(a_t|s_t) ],   G_t = Σ_{k≥t} γ^{k-t} r_k
///
/// Without the leading γ^{t-1} (the default here and in most libraries) this is not the gradient of the discounted
/// return: later states count as much as earlier ones.
/// - Source: Sutton, McAllester, Singh & Mansour, "Policy gradient methods for reinforcement learning with function
///   approximation" (2000); Nota & Thomas, "Is the policy gradient a gradient?" (2020).
struct RewardToGo: AdvantageEstimator {
  let hasBaseline: Bool
  let discountsScores: Bool

  var needsValues: Bool { hasBaseline }

  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    batch.rewardsToGo(into: targets, kernels)
    weights.update(from: targets, count: batch.rows)
    if let values = batch.values { kernels.addScaled(weights, values.current, -1, batch.rows) }
    if discountsScores { batch.discount(weights) }
  }
}
