import PolicyGradient

/// What the laboratory found out about an estimator.
package struct EstimateReport: Sendable {
  package let estimator: LaboratoryEstimator
  /// Whether theory says that its expectation is the exact gradient.
  package let isUnbiased: Bool
  /// The mean over all trajectories, one number for each parameter.
  package let mean: [Double]
  /// ‖mean - ∇J‖.
  package let biasNorm: Double
  /// What ‖mean - ∇J‖ would be by chance: √(total variance / trajectories).
  package let standardError: Double
  /// The bias along ∇J in standard errors.
  package let z: Double
  /// Of Hotelling's test that there is no bias in any direction.
  package let pValue: Double
  /// The trace of the covariance of one trajectory's gradient; in estimators that compare trajectories, of a group's
  /// mean gradient times the group's size.
  package let totalVariance: Double
  /// ‖E[gradient]‖² / total variance, of one trajectory; n trajectories have n times as much.
  package let signalToNoise: Double
  /// Of the angle between the mean and ∇J.
  package let cosine: Double
  /// How the mean came near.
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
    // The squared length of a mean is too long by its variance.
    let squaredMean = tally.mean.reduce(0) { $0 + $1 * $1 }
    signalToNoise = max(squaredMean - meanVariance, 0) / totalVariance
  }
}
