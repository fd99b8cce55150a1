/// REINFORCE: one step along the policy gradient of whole trajectories, averaged over them.
///
///     θ ← θ + α (1/N) Σ_τ Σ_t Ψ_t ∇θ log π(a_t|s_t)
///
/// Ψ is the whole return, the reward-to-go, or a return compared with the other returns of a group; see `Estimators/`.
/// - Source: Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning"
///   (1992).
struct Reinforce: Algorithm {
  func setDefaults(_ configuration: inout AgentConfiguration) {
    configuration.steps = 0
    configuration.learningRate = 2.5e-3
    configuration.gaeLambda = 1
    configuration.maxGradNorm = 0
    configuration.optimizerEpsilon = 1e-8
    configuration.estimator = .wholeTrajectory
    configuration.advantageNormalization = .off
  }

  var collection: RolloutCollection { .trajectories }
  var estimators: [EstimatorKind] {
    [.wholeTrajectory, .rewardToGo, .gae, .leaveOneOut, .groupNormalized, .groupCentered]
  }
  var step: PolicyStep { .gradient }
  var passes: RolloutPasses { .once }
  var averagesTrajectories: Bool { true }

  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting {
    PlainScore()
  }
}
