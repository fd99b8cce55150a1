/// The values that estimators subtract or bootstrap from, layers × states.
struct Critics {
  let exact: [Double]
  let wrong: [Double]
  /// The baseline that leaves each step's own contribution the least variance.
  ///
  ///     b*(s) = E[ ‖∇log π(a|s)‖² Q(s, a) | s ] / E[ ‖∇log π(a|s)‖² | s ]
  ///
  /// - Source: Peters & Schaal, "Reinforcement learning of motor skills with policy gradients" (2008).
  let optimal: [Double]

  /// - Parameter squaredScores: ‖∇log π(a|s)‖², states × actions.
  init(
    _ solution: ExactSolution, _ mdp: TabularMDP, squaredScores: [Double], _ policy: TabularPolicy,
    _ configuration: LaboratoryConfiguration
  ) {
    exact = solution.values
    wrong = configuration.wrongValues ?? Array(repeating: 0, count: exact.count)
    optimal = exact.indices.map { place in
      var (sum, total) = (0.0, 0.0)
      for action in 0..<mdp.actions {
        let pair = place % mdp.states * mdp.actions + action
        let weight = policy.probabilities[pair] * squaredScores[pair]
        sum += weight * solution.actionValues[place * mdp.actions + action]
        total += weight
      }
      return total > 0 ? sum / total : 0
    }
  }

  /// The table that an estimator reads; `nil` for none.
  func table(for estimator: LaboratoryEstimator) -> [Double]? {
    if estimator.kind == .optimalStateBaseline { return optimal }
    switch estimator.critic {
    case .none: return nil
    case .exact: return exact
    case .wrong: return wrong
    }
  }
}
