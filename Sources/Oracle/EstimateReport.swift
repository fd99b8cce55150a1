import PolicyGradient

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
