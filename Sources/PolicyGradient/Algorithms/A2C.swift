/// A2C: one step along the policy gradient of a short rollout. The same step fits the value function, which gives the
/// advantages.
///
///     θ ← θ + α ∇θ mean[ A_t log π(a_t|s_t) + β H(π(·|s_t)) - c (V(s_t) - target_t)² ]
///
/// The defaults are the same as in Stable-Baselines3.
/// - Source: Mnih et al., "Asynchronous methods for deep reinforcement learning" (2016).
struct A2C: Algorithm {
  func setDefaults(_ configuration: inout AgentConfiguration) {
    configuration.steps = 5
    configuration.learningRate = 7e-4
    configuration.gaeLambda = 1
    configuration.optimizer = .rmsprop
    configuration.advantageNormalization = .off
  }

  var collection: RolloutCollection { .steps }
  var estimators: [EstimatorKind] { [.gae, .vtrace] }
  var step: PolicyStep { .gradient }
  var passes: RolloutPasses { .once }
  var needsRatioInWeights: Bool { true }

  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting {
    PlainScore()
  }
}
