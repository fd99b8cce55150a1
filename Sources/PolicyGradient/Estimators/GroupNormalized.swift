/// Returns minus their group's mean, divided by its standard deviation: the advantages of GRPO.
///
///     Ψ_t = (R_i - mean_j R_j) / (std_j R_j + ε)
///
/// This is not the gradient of J. The mean includes the trajectory's own return, which multiplies the expectation by
/// (n-1)/n. The division gives more weight to groups whose returns differ little. Without it only the factor remains.
/// - Source: Shao et al., "DeepSeekMath: pushing the limits of mathematical reasoning in open language models" (2024);
///   Liu et al., "Understanding R1-Zero-like training: a critical perspective" (2025), for omitting the division.
struct GroupNormalized: AdvantageEstimator {
  /// Environments whose trajectories form a group.
  let groupSize: Int
  let dividesByDeviation: Bool

  /// ε, as in the TRL library.
  static let epsilon = 1e-4

  var comparedEnvironments: Int? { groupSize }

  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    batch.weighByGroup(size: groupSize, weights: weights, targets: targets, scratch: scratch, kernels) { value, group in
      (value - group.mean) / (dividesByDeviation ? group.standardDeviation + GroupNormalized.epsilon : 1)
    }
  }
}
