/// One estimator on its way through the laboratory's trajectories.
final class EstimatorRun {
  let estimator: LaboratoryEstimator
  /// The engine's estimator that gives the weights.
  let rule: any AdvantageEstimator
  let tally: GradientTally
  private(set) var curve: [EstimateCheckpoint] = []

  private let groupSize: Int
  private var checkpoints: ArraySlice<Int>

  /// - Parameters:
  ///   - objective: J, which is the constant baseline.
  ///   - optimalBaseline: The constant baseline of least variance.
  init(
    _ estimator: LaboratoryEstimator, _ tally: GradientTally, objective: Double, optimalBaseline: Double,
    _ configuration: LaboratoryConfiguration
  ) {
    self.estimator = estimator
    self.tally = tally
    groupSize = configuration.groupSize
    checkpoints = configuration.checkpointGroups[...]
    rule =
      switch estimator.kind {
      case .wholeTrajectory: WholeTrajectory(hasBaseline: false)
      case .rewardToGo: RewardToGo(hasBaseline: false, discountsScores: true)
      case .rewardToGoWithoutDiscount: RewardToGo(hasBaseline: false, discountsScores: false)
      case .constantBaseline: ConstantBaseline(baseline: objective)
      case .optimalConstantBaseline: ConstantBaseline(baseline: optimalBaseline)
      case .valueBaseline, .optimalStateBaseline: RewardToGo(hasBaseline: true, discountsScores: true)
      case .gae: GeneralizedAdvantage(lambda: estimator.lambda, discountsScores: true)
      case .leaveOneOut: LeaveOneOut(groupSize: groupSize)
      case .groupNormalized: GroupNormalized(groupSize: groupSize, dividesByDeviation: true)
      case .groupCentered: GroupNormalized(groupSize: groupSize, dividesByDeviation: false)
      }
  }

  /// Takes up the mean gradient of one group, which is used up.
  func add(_ estimate: UnsafeMutablePointer<Double>) {
    tally.add(estimate)
    while checkpoints.first == tally.count {
      curve.append(EstimateCheckpoint(tally, groupSize: groupSize))
      checkpoints.removeFirst()
    }
  }
}
