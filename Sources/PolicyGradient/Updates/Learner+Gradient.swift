extension Learner {
  /// How far an update along the gradient is.
  struct GradientAscent {
    var place = MinibatchPlace()
    /// Sums over the update, and over the epoch.
    var total = UpdateTally()
    var epochTally = UpdateTally()
    var normSum = 0.0
    var steps = 0
    /// The mean KL estimate of the last epoch.
    var divergence = Double.nan
  }

  /// Moves along the gradient: one step over all rows, or epochs of minibatches.
  /// - Returns: Whether the update has taken all its steps.
  func ascendGradient(_ budget: TimeBudget) throws(Refusal) -> Bool {
    guard let index = ascent.place.minibatch else {
      try beginEpoch(budget)
      return false
    }
    let usesMinibatches = algorithm.usesMinibatches
    let places = usesMinibatches ? sequences.places(ofMinibatch: index) : 0..<sequences.count
    guard let (direction, tally) = gradient(places, valueObjective, budget) else { return false }
    try ranks.check()
    ascent.total.add(tally)
    ascent.epochTally.add(tally)
    if ascent.place.epoch == 0, !usesMinibatches || sequences.isWhole(places) { signal.add(direction) }
    ascent.divergence = ascent.epochTally.surrogate.kl / ascent.epochTally.rows
    if algorithm.endsUpdate(atDivergence: tally.surrogate.kl / tally.rows, configuration) {
      Log.report(
        .debug,
        "update \(update.number + 1) ended in epoch \(ascent.place.epoch + 1) of \(configuration.epochs), after "
          + "\(ascent.steps) steps: the KL divergence of a minibatch was \(tally.surrogate.kl / tally.rows)")
      return true
    }
    ascent.normSum += try optimizer.ascend(direction, learningRate: update.numbers.learningRate)
    ascent.steps += 1
    ascent.place.advance(minibatches: usesMinibatches ? sequences.minibatches : 1)
    return ascent.place.epoch == (usesMinibatches ? configuration.epochs : 1)
  }

  private func beginEpoch(_ budget: TimeBudget) throws(Refusal) {
    if ascent.place.epoch > 0, configuration.recomputesAdvantages {
      guard try table.estimateAgain(update.rollout, over: sequences, budget) else { return }
    }
    if algorithm.usesMinibatches { shuffle(epoch: ascent.place.epoch) }
    ascent.epochTally = UpdateTally()
    ascent.place.minibatch = 0
  }

  /// Reports a complete update along the gradient.
  func report(_ ascent: GradientAscent, in statistics: inout UpdateStatistics) {
    statistics.setMeans(of: ascent.total, hasRatios: algorithm.measuresDivergence, fitsValues: valueObjective != nil)
    statistics.gradientSignalToNoise = signal.toNoise
    if ascent.steps > 0 { statistics.gradientNorm = ascent.normSum / Double(ascent.steps) }
  }
}

/// A place in the epochs and minibatches of an update.
struct MinibatchPlace {
  var epoch = 0
  /// The next minibatch; `nil` before the shuffle of the epoch.
  var minibatch: Int?

  /// Moves to the next minibatch, given their number in each epoch.
  mutating func advance(minibatches: Int) {
    guard let index = minibatch, index + 1 == minibatches else {
      minibatch = minibatch.map { $0 + 1 }
      return
    }
    minibatch = nil
    epoch += 1
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
