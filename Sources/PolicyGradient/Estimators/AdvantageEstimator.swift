/// Turns the steps of trajectories into the weight Ψ_t on each step's score.
package protocol AdvantageEstimator: Sendable {
  /// Whether V(s) has to be known.
  var needsValues: Bool { get }
  /// Whether log π/μ has to be known.
  var needsRatios: Bool { get }
  /// How many neighbouring environments form a group whose trajectories are compared; `nil` if none are.
  var comparedEnvironments: Int? { get }

  /// Writes the weights, and what V(s_t) should have been; both steps × environments. `scratch` is as long.
  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet)
}

extension AdvantageEstimator {
  package var needsValues: Bool { false }
  package var needsRatios: Bool { false }
  package var comparedEnvironments: Int? { nil }
}
