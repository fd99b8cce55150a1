/// SPO: PPO with a quadratic penalty on the ratio in place of the clip (``QuadraticSurrogate``).
///
/// - Source: Xie, Zhang, Yang & Xu, "Simple policy optimization" (2024).
struct SPO: ProximalAlgorithm {
  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting {
    QuadraticSurrogate(clipRange: Float(numbers.clipRange))
  }

  func report(_ numbers: ScheduledNumbers, _ configuration: AgentConfiguration, in statistics: inout UpdateStatistics) {
    statistics.clipRange = numbers.clipRange
  }
}
