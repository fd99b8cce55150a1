/// PPO: keeps the policy near the one that collected the rollout, by a clipped ratio (``ClippedSurrogate``) or by a
/// penalty on the KL divergence (``PenalizedSurrogate``).
///
/// - Source: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal policy optimization algorithms" (2017).
struct PPO: ProximalAlgorithm {
  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting {
    switch configuration.surrogate {
    case .clip: ClippedSurrogate(clipRange: Float(numbers.clipRange))
    case .klPenalty:
      PenalizedSurrogate(coefficient: Float(numbers.penalty), clipRange: Float(numbers.clipRange))
    }
  }

  func report(_ numbers: ScheduledNumbers, _ configuration: AgentConfiguration, in statistics: inout UpdateStatistics) {
    statistics.clipRange = numbers.clipRange
    if configuration.surrogate == .klPenalty { statistics.klCoefficient = numbers.penalty }
  }
}
