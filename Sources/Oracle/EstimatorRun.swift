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
