/// A trajectory's baseline is the mean return of the others in its group. They do not depend on its actions, so the
/// estimate is unbiased.
///
///     ∇J = E[ (R_i - 1/(n-1) Σ_{j≠i} R_j) Σ_t ∇log π(a_t|s_t) ]
///
/// A trajectory that is alone in its group has no baseline.
/// - Source: Kool, van Hoof & Welling, "Buy 4 REINFORCE samples, get a baseline for free!" (2019); Ahmadian et al.,
///   "Back to basics: revisiting REINFORCE-style optimization for learning from human feedback in LLMs" (2024), as
///   RLOO.
struct LeaveOneOut: AdvantageEstimator {
  /// Environments whose trajectories form a group.
  let groupSize: Int

  var comparedEnvironments: Int? { groupSize }

  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    batch.weighByGroup(size: groupSize, weights: weights, targets: targets, scratch: scratch, kernels) { value, group in
      group.count > 1 ? value - (group.sum - value) / Double(group.count - 1) : value
    }
  }
}
