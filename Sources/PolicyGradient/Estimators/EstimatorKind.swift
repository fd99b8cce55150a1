/// The estimators by their number in the C header.
package enum EstimatorKind: Int32, Sendable, CaseIterable {
  case wholeTrajectory = 1
  case rewardToGo, gae, vtrace
  case leaveOneOut, groupNormalized, groupCentered

  func make(_ options: EstimatorOptions) -> any AdvantageEstimator {
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

/// What estimators are made from; each takes what it needs.
struct EstimatorOptions {
  /// λ of GAE and V-trace.
  var lambda = 1.0
  /// ρ̄ and c̄ of V-trace.
  var rhoClip = 1.0
  var cClip = 1.0
  /// Whether V-trace's weights carry ρ_t.
  var weighsRatios = false
  /// Whether V(s_t) is subtracted from returns.
  var hasBaseline = false
  /// Whether step t's weight is multiplied by γ^t.
  var discountsScores = false
  /// How many neighbouring environments form a group.
  var groupSize = 1
}
