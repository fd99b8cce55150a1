/// Turns the steps of trajectories into the weight Ψ_t on each step's score.
package protocol AdvantageEstimator: Sendable {
  /// Whether the estimator needs V(s).
  var needsValues: Bool { get }
  /// Whether the estimator needs log π/μ.
  var needsRatios: Bool { get }
  /// How many neighbouring environments form a group whose trajectories are compared; `nil` if none are compared.
  var comparedEnvironments: Int? { get }

  /// Writes the weights and the targets of V(s_t), both steps × environments. `scratch` has the same length.
  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet)
}

extension AdvantageEstimator {
  package var needsValues: Bool { false }
  package var needsRatios: Bool { false }
  package var comparedEnvironments: Int? { nil }
}
