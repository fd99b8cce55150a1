extension Learner {
  /// Takes one step along the natural gradient over the whole rollout. Then fits the value function alone, over
  /// minibatches.
  func ascendNaturalGradient(_ update: Update, isSearched: Bool, _ statistics: inout UpdateStatistics) throws(Refusal) {
    try takeStep(update, isSearched: isSearched, &statistics)
    try fitValues(update, &statistics)
  }

  private func takeStep(
    _ update: Update, isSearched: Bool, _ statistics: inout UpdateStatistics
  ) throws(Refusal) {
    guard let trustRegion else { return }
    let places = 0..<sequences.count
    let objective = policyObjective(update, places)
    let (direction, tally) = gradient(update, places, objective, nil)
    let mean = 1 / tally.rows
    let entropy = tally.entropy * mean
    let before = update.numbers.entropyCoefficient * entropy - tally.surrogate.loss * mean
    statistics.gradientNorm = try optimizer.norm(of: direction)
    let (surrogate, divergence) = trustRegion.step(
      along: direction, from: before, objective,
      TrustRegion.Rows(rollout: update.rollout, sequences: sequences), isSearched: isSearched)
    if divergence == 0 { Log.report(.debug, "update \(update.number + 1) left the policy as it is: no step was found") }
    statistics.entropy = entropy
    statistics.policyLoss = -surrogate
    statistics.approximateKL = divergence
  }

  private func fitValues(_ update: Update, _ statistics: inout UpdateStatistics) throws(Refusal) {
    guard let value = valueObjective else { return }
    var total = UpdateTally()
    for epoch in 0..<configuration.epochs {
      shuffle(update, epoch: epoch)
      for index in 0..<sequences.minibatches {
        let (direction, tally) = valueGradient(update, sequences.places(ofMinibatch: index), value)
        try ranks.check()
        total.add(tally)
        try optimizer.ascend(direction, learningRate: update.numbers.learningRate)
      }
    }
    statistics.valueLoss = total.valueLoss / total.rows
  }
}
