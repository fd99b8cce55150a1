import PolicyGradient

/// The values that estimators use as a baseline or bootstrap from, layers × states.
struct Critics {
  let exact: [Double]
  let wrong: [Double]
  /// The baseline with the least variance of each step's own contribution.
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

  /// The source of an estimator's values.
  enum Source: Sendable {
    case exact, wrong, optimal
  }

  func table(of source: Source) -> [Double] {
    switch source {
    case .exact: exact
    case .wrong: wrong
    case .optimal: optimal
    }
  }
}

extension LaboratoryEstimator {
  /// The source of its values; `nil` if it uses none.
  var valueSource: Critics.Source? {
    if kind == .optimalStateBaseline { return .optimal }
    return switch critic {
    case .none: nil
    case .exact: .exact
    case .wrong: .wrong
    }
  }
}
