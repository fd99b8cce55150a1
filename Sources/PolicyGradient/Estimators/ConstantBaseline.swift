/// The theorem with one number subtracted from every return. The expectation is the same; the variance changes.
///
///     ∇J = E[ (R(τ) - b) Σ_t ∇log π(a_t|s_t) ]
///
/// - Source: Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning"
///   (1992).
package struct ConstantBaseline: AdvantageEstimator {
  let baseline: Double

  package init(baseline: Double) { self.baseline = baseline }

  package func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    WholeTrajectory(hasBaseline: false).estimate(
      batch, weights: weights, targets: targets, scratch: scratch, kernels)
    kernels.shiftAndScale(weights, batch.rows, Float(baseline), 1)
  }

  /// The baseline with the least total variance: the mean of returns, weighted by the squared length of each
  /// trajectory's score.
  ///
  ///     b* = E[ R(τ) ‖∇log π(τ)‖² ] / E[ ‖∇log π(τ)‖² ]
  ///
  /// Use other trajectories for these sums than for the weights; otherwise the estimate is biased.
  /// - Source: Greensmith, Bartlett & Baxter, "Variance reduction techniques for gradient estimates in reinforcement
  ///   learning" (2004).
  package static func varianceOptimal(returns: [Double], squaredScores: [Double]) -> Double {
    let total = squaredScores.reduce(0, +)
    guard total > 0 else { return 0 }
    return zip(returns, squaredScores).reduce(0) { $0 + $1.0 * $1.1 } / total
  }
}
