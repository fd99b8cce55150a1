import PolicyGradient

/// An estimator of the policy gradient that the laboratory runs.
package struct LaboratoryEstimator: Equatable, Sendable {
  package enum Kind: Int32, CaseIterable, Sendable {
    case wholeTrajectory = 1
    case rewardToGo, rewardToGoWithoutDiscount, constantBaseline, optimalConstantBaseline, valueBaseline
    case optimalStateBaseline, gae, leaveOneOut, groupNormalized, groupCentered
  }

  /// The source of values.
  package enum Critic: Int32, Sendable {
    case none = 0
    case exact, wrong
  }

  package let kind: Kind
  /// λ of GAE; NaN for others.
  package let lambda: Double
  package let critic: Critic

  init(_ kind: Kind, lambda: Double = .nan, critic: Critic = .none) {
    self.kind = kind
    self.lambda = lambda
    self.critic = critic
  }

  package static func == (a: LaboratoryEstimator, b: LaboratoryEstimator) -> Bool {
    a.kind == b.kind && a.critic == b.critic && (a.lambda == b.lambda || a.lambda.isNaN && b.lambda.isNaN)
  }

  /// Whether its expectation is ∇J in every MDP with this discount, by theory.
  package func isUnbiased(gamma: Double) -> Bool {
    switch kind {
    case .rewardToGoWithoutDiscount: gamma == 1
    case .gae: critic == .exact || lambda == 1
    case .groupNormalized, .groupCentered: false
    default: true
    }
  }

  /// All estimators.
  static func all(lambdas: [Double]) -> [LaboratoryEstimator] {
    Kind.allCases.flatMap { kind -> [LaboratoryEstimator] in
      switch kind {
      case .gae:
        [Critic.exact, .wrong].flatMap { critic in
          lambdas.map { LaboratoryEstimator(kind, lambda: $0, critic: critic) }
        }
      case .valueBaseline: [LaboratoryEstimator(kind, critic: .exact)]
      default: [LaboratoryEstimator(kind)]
      }
    }
  }
}
