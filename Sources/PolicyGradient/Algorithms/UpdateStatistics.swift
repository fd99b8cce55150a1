/// The statistics of one update.
package struct UpdateStatistics: Sendable {
  package var policyLoss = Double.nan
  package var valueLoss = Double.nan
  package var entropy = Double.nan
  package var approximateKL = Double.nan
  package var clipFraction = Double.nan
  package var explainedVariance = Double.nan
  package var gradientNorm = Double.nan
  package var learningRate = Double.nan
  package var clipRange = Double.nan
  package var entropyCoefficient = Double.nan
  package var klCoefficient = Double.nan
  package var gradientSignalToNoise = Double.nan
  package var seconds = Double.nan
}
