import PolicyGradient

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
