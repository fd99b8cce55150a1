/// How a rollout becomes an update: an algorithm's parts, its defaults and its checks.
///
/// Each algorithm is a value in a file of its own. Nothing else in the engine depends on which algorithm runs.
protocol Algorithm: Sendable {
  /// Sets the options whose defaults differ from those in ``AgentConfiguration``.
  func setDefaults(_ configuration: inout AgentConfiguration)

  /// What a rollout holds.
  var collection: RolloutCollection { get }
  /// Estimators that the algorithm learns with.
  var estimators: [EstimatorKind] { get }

  /// How the policy moves.
  var step: PolicyStep { get }
  /// How often an update goes through the rows of a rollout.
  var passes: RolloutPasses { get }
  /// Whether the mean of the score is taken over trajectories instead of rows.
  var averagesTrajectories: Bool { get }
  /// Whether V-trace's ratio ρ_t multiplies the weight on the score, because the score's own weighting has no ratio.
  var needsRatioInWeights: Bool { get }

  /// Computes the final weight of each row.
  func weighting(_ configuration: AgentConfiguration, _ numbers: ScheduledNumbers) -> any ScoreWeighting
  /// Whether a minibatch's mean KL estimate ends the update, before the step for that minibatch.
  func endsUpdate(atDivergence divergence: Double, _ configuration: AgentConfiguration) -> Bool
  /// Reports the scheduled numbers that the algorithm uses.
  func report(_ numbers: ScheduledNumbers, _ configuration: AgentConfiguration, in statistics: inout UpdateStatistics)

  /// Refuses options that contradict the algorithm.
  func validate(_ configuration: AgentConfiguration) throws(Refusal)
}

/// What a rollout holds.
enum RolloutCollection {
  /// ``AgentConfiguration/steps`` steps of every environment, which may cut trajectories.
  case steps
  /// ``AgentConfiguration/episodes`` whole trajectories of every environment.
  case trajectories
}

/// How the policy moves.
enum PolicyStep {
  /// Along the gradient, by the optimizer.
  case gradient
  /// Along the natural gradient, within a trust region; the value function is fitted separately. If `isSearched`, a
  /// line search finds the length of the step.
  case naturalGradient(isSearched: Bool)
}

/// How often an update goes through the rows of a rollout.
enum RolloutPasses {
  /// Once, all rows together.
  case once
  /// ``AgentConfiguration/epochs`` times, in shuffled minibatches of ``AgentConfiguration/batchSize`` rows.
  case minibatches
}

extension Algorithm {
  var averagesTrajectories: Bool { false }
  var needsRatioInWeights: Bool { false }
  func endsUpdate(atDivergence divergence: Double, _ configuration: AgentConfiguration) -> Bool { false }
  func report(_ numbers: ScheduledNumbers, _ configuration: AgentConfiguration, in statistics: inout UpdateStatistics) {
  }
  func validate(_ configuration: AgentConfiguration) throws(Refusal) {}

  var usesMinibatches: Bool {
    if case .minibatches = passes { true } else { false }
  }

  /// Whether updates measure a KL divergence that a learning rate can adapt to.
  var measuresDivergence: Bool {
    if case .gradient = step { usesMinibatches } else { false }
  }
}
