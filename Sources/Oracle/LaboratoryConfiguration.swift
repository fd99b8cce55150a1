import PolicyGradient

/// The options of the laboratory.
package struct LaboratoryConfiguration: Sendable {
  package static let maximumGroupSize = 1_024
  package static let maximumLambdas = 64
  package static let maximumCheckpoints = 64
  /// States × actions.
  package static let maximumPairs = 4_096
  /// With fewer groups the test for bias has no power.
  package static let fewestGroups = 4

  /// The total number of trajectories, a multiple of ``groupSize``.
  package var trajectories = 10_000
  /// Trajectories that share a baseline in RLOO and GRPO. Statistics are computed from the groups' mean gradients.
  package var groupSize = 8
  package var seed: UInt64 = 0
  /// Values of λ for GAE. Each runs with the exact critic and with ``wrongValues``.
  package var lambdas = [0, 0.5, 0.9, 0.95, 1]
  /// V of the wrong critic, layers × states; `nil` for zeros, as of an untrained critic.
  package var wrongValues: [Double]?
  /// How many times to record the estimates so far, spaced evenly in the logarithm of the number of trajectories.
  package var checkpoints = 10

  package init() {}

  func validate(for mdp: TabularMDP) throws(Refusal) {
    try require(groupSize, in: 2...Self.maximumGroupSize, "group_size")
    try require(trajectories, in: Self.fewestGroups * groupSize...Limits.rows, "trajectories")
    try require(
      trajectories % groupSize == 0, "trajectories", "\(trajectories)", "be a multiple of group_size, \(groupSize)")
    try require(lambdas.count, in: 0...Self.maximumLambdas, "lambda_count")
    for (index, lambda) in lambdas.enumerated() { try require(lambda, in: 0...1, "lambdas[\(index)]") }
    try require(checkpoints, in: 1...Self.maximumCheckpoints, "checkpoints")
    if let wrongValues {
      let count = mdp.layers * mdp.states
      try require(wrongValues.count == count, "wrong_values.count", "\(wrongValues.count)", "be \(count)")
      for (index, value) in wrongValues.enumerated() where !(value.magnitude <= 1e30) {
        throw Refusal(.notFinite, "wrong_values[\(index)] is \(value); it must be finite, and below 1e30")
      }
    }
    let pairs = mdp.states * mdp.actions
    try require(
      pairs <= Self.maximumPairs, "state_count × action_count", "\(pairs)",
      "be at most \(Self.maximumPairs)")
  }

  /// The numbers of groups after which estimates are recorded, from the fewest to all.
  var checkpointGroups: [Int] {
    let groups = trajectories / groupSize
    let ratio = Double(groups) / Double(Self.fewestGroups)
    return (1...checkpoints).map { index in
      let share = Double(index) / Double(checkpoints)
      return min(Int((Double(Self.fewestGroups) * pow(ratio, share)).rounded()), groups)
    }
  }
}

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
