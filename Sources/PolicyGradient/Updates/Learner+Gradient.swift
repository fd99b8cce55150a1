extension Learner {
  /// Moves along the gradient: one step over all rows, or epochs of minibatches.
  /// - Returns: The mean KL estimate of the last epoch.
  func ascendGradient(_ update: Update, _ statistics: inout UpdateStatistics) throws(Refusal) -> Double {
    signal.begin()
    let value = valueObjective
    let usesMinibatches = algorithm.usesMinibatches
    var total = UpdateTally()
    var (normSum, steps, divergence) = (0.0, 0, Double.nan)
    epochs: for epoch in 0..<(usesMinibatches ? configuration.epochs : 1) {
      if epoch > 0, configuration.recomputesAdvantages { try table.estimateAgain(update.rollout, over: sequences) }
      if usesMinibatches { shuffle(update, epoch: epoch) }
      var epochTally = UpdateTally()
      for index in 0..<(usesMinibatches ? sequences.minibatches : 1) {
        let places = usesMinibatches ? sequences.places(ofMinibatch: index) : 0..<sequences.count
        let (direction, tally) = gradient(update, places, policyObjective(update, places), value)
        try ranks.check()
        total.add(tally)
        epochTally.add(tally)
        if usesMinibatches, epoch == 0, sequences.isWhole(places) { signal.add(direction) }
        divergence = epochTally.surrogate.kl / epochTally.rows
        if algorithm.endsUpdate(atDivergence: tally.surrogate.kl / tally.rows, configuration) {
          Log.report(
            .debug,
            "update \(update.number + 1) ended in epoch \(epoch + 1) of \(configuration.epochs), after \(steps) steps: the "
              + "KL divergence of a minibatch was \(tally.surrogate.kl / tally.rows)")
          break epochs
        }
        normSum += try optimizer.ascend(direction, learningRate: update.numbers.learningRate)
        steps += 1
      }
    }
    statistics.setMeans(of: total, hasRatios: algorithm.measuresDivergence, fitsValues: value != nil)
    statistics.gradientSignalToNoise = signal.toNoise
    if steps > 0 { statistics.gradientNorm = normSum / Double(steps) }
    return divergence
  }
}

extension UpdateStatistics {
  /// Sets the means over all rows of an update.
  fileprivate mutating func setMeans(of total: UpdateTally, hasRatios: Bool, fitsValues: Bool) {
    let mean = 1 / total.rows
    policyLoss = total.surrogate.loss * mean
    entropy = total.entropy * mean
    if fitsValues { valueLoss = total.valueLoss * mean }
    if hasRatios {
      approximateKL = total.surrogate.kl * mean
      clipFraction = total.surrogate.clipped * mean
    }
  }
}
