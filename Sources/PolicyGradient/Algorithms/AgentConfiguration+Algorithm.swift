extension AgentConfiguration {
  /// The algorithm's defaults.
  package init(_ kind: AlgorithmKind) {
    self.init(kind: kind)
    algorithm.setDefaults(&self)
  }

  var algorithm: any Algorithm { kind.algorithm }

  func makeEstimator() -> any AdvantageEstimator {
    estimator.make(
      EstimatorOptions(
        lambda: gaeLambda, rhoClip: rhoClip, cClip: cClip, weighsRatios: algorithm.needsRatioInWeights,
        hasBaseline: hasBaseline, discountsScores: discountsScores,
        groupSize: groupSize == 0 ? environments : groupSize))
  }
}
