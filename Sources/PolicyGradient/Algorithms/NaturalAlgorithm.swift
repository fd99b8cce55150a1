/// What ``NPG`` and ``TRPO`` share.
protocol NaturalAlgorithm: Algorithm {}

extension NaturalAlgorithm {
  func setDefaults(_ configuration: inout AgentConfiguration) {
    configuration.batchSize = 128
    configuration.learningRate = 1e-3
    configuration.valueCoefficient = 1
    configuration.maxGradNorm = 0
    configuration.targetKL = 0.01
  }

  var collection: RolloutCollection { .steps }
  var estimators: [EstimatorKind] { [.gae, .vtrace] }
  /// How often the value function is fitted.
  var passes: RolloutPasses { .minibatches }

  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting {
    RatioSurrogate()
  }

  func validate(_ configuration: AgentConfiguration) throws(Refusal) {
    try require(
      configuration.targetKL > 0, "target_kl", "\(configuration.targetKL)",
      "be above 0 for NPG and TRPO, because it sets the size of their steps")
    try require(
      configuration.optimizer != .adamw, "optimizer", "PGRAD_ADAMW",
      "be another one for NPG and TRPO: it fits the value function, and would also decay the policy's parameters")
  }
}
