/// PPO: several epochs of minibatch steps on one rollout, held near the policy that gathered it by a clipped ratio or by a
/// penalty on the KL divergence (``ClippedSurrogate``, ``PenalizedSurrogate``).
///
/// With `target_kl`, an update ends before the first minibatch whose KL estimate exceeds 1.5 times it. The defaults are those of
/// Stable-Baselines3.
/// - Source: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal policy optimization algorithms" (2017).
struct PPO: Algorithm {
  func setDefaults(_ configuration: inout AgentConfiguration) {}

  var collection: RolloutCollection { .steps }
  var estimators: [AgentConfiguration.Estimator] { [.gae, .vtrace] }
  var step: PolicyStep { .gradient }
  var passes: RolloutPasses { .minibatches }

  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting {
    switch configuration.surrogate {
    case .clip: ClippedSurrogate(clipRange: Float(numbers.clipRange))
    case .klPenalty:
      PenalizedSurrogate(coefficient: Float(numbers.penalty), clipRange: Float(numbers.clipRange))
    }
  }

  func endsUpdate(atDivergence divergence: Double, _ configuration: AgentConfiguration) -> Bool {
    configuration.targetKL > 0 && divergence > 1.5 * configuration.targetKL
  }

  func report(_ numbers: ScheduledNumbers, _ configuration: AgentConfiguration, in statistics: inout UpdateStatistics) {
    statistics.clipRange = numbers.clipRange
    if configuration.surrogate == .klPenalty { statistics.klCoefficient = numbers.penalty }
  }
}
