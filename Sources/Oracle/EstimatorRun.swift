import PolicyGradient

/// The run of one estimator over the laboratory's trajectories.
final class EstimatorRun {
  let estimator: LaboratoryEstimator
  /// The engine's estimator, which computes the weights.
  let rule: any AdvantageEstimator
  let tally: GradientTally
  private(set) var curve: [EstimateCheckpoint] = []

  private let groupSize: Int
  private var checkpoints: ArraySlice<Int>

  /// - Parameters:
  ///   - objective: J, used as the constant baseline.
  ///   - optimalBaseline: The constant baseline with the least variance.
  init(
    _ estimator: LaboratoryEstimator, _ tally: GradientTally, objective: Double, optimalBaseline: Double,
    _ configuration: LaboratoryConfiguration
  ) {
    self.estimator = estimator
    self.tally = tally
    groupSize = configuration.groupSize
    checkpoints = configuration.checkpointGroups[...]
    func make(_ kind: EstimatorKind, _ change: (inout EstimatorOptions) -> Void = { _ in }) -> any AdvantageEstimator {
      var options = EstimatorOptions(
        lambda: estimator.lambda, discountsScores: true, groupSize: configuration.groupSize)
      change(&options)
      return kind.make(options)
    }
    rule =
      switch estimator.kind {
      case .constantBaseline: ConstantBaseline(baseline: objective)
      case .optimalConstantBaseline: ConstantBaseline(baseline: optimalBaseline)
      case .wholeTrajectory: make(.wholeTrajectory)
      case .rewardToGo: make(.rewardToGo)
      case .rewardToGoWithoutDiscount: make(.rewardToGo) { $0.discountsScores = false }
      case .valueBaseline, .optimalStateBaseline: make(.rewardToGo) { $0.hasBaseline = true }
      case .gae: make(.gae)
      case .leaveOneOut: make(.leaveOneOut)
      case .groupNormalized: make(.groupNormalized)
      case .groupCentered: make(.groupCentered)
      }
  }

  /// Adds the mean gradient of one group, and overwrites it.
  func add(_ estimate: UnsafeMutablePointer<Double>) {
    tally.add(estimate)
    while checkpoints.first == tally.count {
      curve.append(EstimateCheckpoint(tally, groupSize: groupSize))
      checkpoints.removeFirst()
    }
  }
}

/// The distance of an estimator's mean from ∇J after a number of trajectories.
package struct EstimateCheckpoint: Sendable {
  package let trajectories: Int
  package let biasNorm: Double
  package let standardError: Double
  package let cosine: Double

  init(_ tally: GradientTally, groupSize: Int) {
    trajectories = tally.count * groupSize
    biasNorm = tally.biasNorm
    standardError = (tally.totalVariance / Double(max(tally.count, 1))).squareRoot()
    cosine = tally.cosine
  }
}

/// The laboratory's results for one estimator.
package struct EstimateReport: Sendable {
  package let estimator: LaboratoryEstimator
  /// Whether its expectation is the exact gradient, by theory.
  package let isUnbiased: Bool
  /// The mean over all trajectories, one number for each parameter.
  package let mean: [Double]
  /// ‖mean - ∇J‖.
  package let biasNorm: Double
  /// The size of ‖mean - ∇J‖ expected by chance: √(total variance / trajectories).
  package let standardError: Double
  /// The bias along ∇J in standard errors.
  package let z: Double
  /// The p value of Hotelling's test of the hypothesis that there is no bias in any direction.
  package let pValue: Double
  /// The trace of the covariance of one trajectory's gradient. For estimators that compare trajectories: of a group's
  /// mean gradient, times the group's size.
  package let totalVariance: Double
  /// ‖E[gradient]‖² / total variance of one trajectory. For n trajectories it is n times as large.
  package let signalToNoise: Double
  /// The cosine of the angle between the mean and ∇J.
  package let cosine: Double
  /// The estimates after increasing numbers of trajectories.
  package let curve: [EstimateCheckpoint]

  init(_ run: EstimatorRun, basis: ScoreBasis, gamma: Double, groupSize: Int) {
    let tally = run.tally
    estimator = run.estimator
    curve = run.curve
    isUnbiased = estimator.isUnbiased(gamma: gamma)
    mean = basis.parameters(tally.mean)
    biasNorm = tally.biasNorm
    z = tally.z
    pValue = tally.pValue
    cosine = tally.cosine
    totalVariance = tally.totalVariance * Double(groupSize)
    let meanVariance = tally.totalVariance / Double(max(tally.count, 1))
    standardError = meanVariance.squareRoot()
    // The squared length of a mean is too large by its variance, on average.
    let squaredMean = tally.mean.reduce(0) { $0 + $1 * $1 }
    signalToNoise = max(squaredMean - meanVariance, 0) / totalVariance
  }
}
