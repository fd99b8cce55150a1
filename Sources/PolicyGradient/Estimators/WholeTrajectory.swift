/// The theorem as stated: every step of a trajectory weighs its score by the whole return.
///
///     ∇J = E[ R(τ) Σ_t ∇log π(a_t|s_t) ],   R(τ) = Σ_t γ^{t-1} r_t
///
/// Unbiased, but with the highest variance of these estimators: ``RewardToGo`` omits the rewards that a step cannot
/// have caused. With a baseline the weight is R(τ) - V(s_t). V does not depend on a_t, so the expectation is the same.
/// - Source: Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning"
///   (1992).
struct WholeTrajectory: AdvantageEstimator {
  let hasBaseline: Bool

  var needsValues: Bool { hasBaseline }

  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    batch.rewardsToGo(into: targets, kernels)
    // The first step's reward-to-go is the whole return; later steps inherit it from the step before.
    for row in 0..<batch.rows {
      weights[row] = batch.episodeSteps[row] > 0 ? weights[row - batch.environments] : targets[row]
    }
    if let values = batch.values { kernels.addScaled(weights, values.current, -1, batch.rows) }
  }
}
