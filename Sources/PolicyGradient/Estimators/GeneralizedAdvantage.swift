/// An exponentially weighted mean of k-step advantages: λ trades the variance of returns for the bias of V.
///
///     δ_t = r_t + γ V(s_{t+1}) - V(s_t),   A_t = Σ_k (γλ)^k δ_{t+k},   target of V: A_t + V(s_t)
///
/// - Source: Schulman, Moritz, Levine, Jordan & Abbeel, "High-dimensional continuous control using generalized
///   advantage estimation" (2016).
struct GeneralizedAdvantage: AdvantageEstimator {
  let lambda: Double
  let discountsScores: Bool

  var needsValues: Bool { true }

  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    guard let values = batch.values else { return }
    kernels.advantages(
      of: batch.table, values: values.current, lastValues: values.last, gamma: batch.gamma, lambda: lambda,
      into: weights)
    targets.update(from: weights, count: batch.rows)
    kernels.addScaled(targets, values.current, 1, batch.rows)
    if discountsScores { batch.discount(weights) }
  }
}
