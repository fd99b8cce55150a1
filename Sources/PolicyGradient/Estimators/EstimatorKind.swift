/// The estimators by their number in the C header.
package enum EstimatorKind: Int32, Sendable, CaseIterable {
  case wholeTrajectory = 1
  case rewardToGo, gae, vtrace
  case leaveOneOut, groupNormalized, groupCentered

  package func make(_ options: EstimatorOptions) -> any AdvantageEstimator {
    switch self {
    case .wholeTrajectory: WholeTrajectory(hasBaseline: options.hasBaseline)
    case .rewardToGo: RewardToGo(hasBaseline: options.hasBaseline, discountsScores: options.discountsScores)
    case .gae: GeneralizedAdvantage(lambda: options.lambda, discountsScores: options.discountsScores)
    case .vtrace:
      VTrace(
        lambda: options.lambda, rhoClip: options.rhoClip, cClip: options.cClip, weighsRatios: options.weighsRatios)
    case .leaveOneOut: LeaveOneOut(groupSize: options.groupSize)
    case .groupNormalized: GroupNormalized(groupSize: options.groupSize, dividesByDeviation: true)
    case .groupCentered: GroupNormalized(groupSize: options.groupSize, dividesByDeviation: false)
    }
  }
}

/// The options of all estimators; each uses some of them.
package struct EstimatorOptions {
  /// λ of GAE and V-trace.
  var lambda: Double
  /// ρ̄ and c̄ of V-trace.
  var rhoClip: Double
  var cClip: Double
  /// Whether V-trace's weights include the factor ρ_t.
  var weighsRatios: Bool
  /// Whether V(s_t) is subtracted from returns.
  package var hasBaseline: Bool
  /// Whether step t's weight is multiplied by γ^t.
  package var discountsScores: Bool
  /// How many neighbouring environments form a group.
  var groupSize: Int

  package init(
    lambda: Double = 1, rhoClip: Double = 1, cClip: Double = 1, weighsRatios: Bool = false, hasBaseline: Bool = false,
    discountsScores: Bool = false, groupSize: Int = 1
  ) {
    self.lambda = lambda
    self.rhoClip = rhoClip
    self.cClip = cClip
    self.weighsRatios = weighsRatios
    self.hasBaseline = hasBaseline
    self.discountsScores = discountsScores
    self.groupSize = groupSize
  }
}
