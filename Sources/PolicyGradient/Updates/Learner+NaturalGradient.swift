extension Learner {
  /// How far an update along the natural gradient is.
  struct NaturalAscent {
    var phase = Phase.gradient
    /// In the minibatches of the value function, and the sums over them.
    var place = MinibatchPlace()
    var total = UpdateTally()

    enum Phase { case gradient, step, values }
  }

  /// Takes one step along the natural gradient over the whole rollout, or a part of it. Then fits the value function
  /// alone, over minibatches of all rows.
  /// - Returns: Whether the update is complete.
  func ascendNaturalGradient(isSearched: Bool, _ budget: TimeBudget) throws(Refusal) -> Bool {
    switch naturalAscent.phase {
    case .gradient:
      let isComplete = try beginStep(isSearched: isSearched, budget)
      if isComplete { naturalAscent.phase = .step }
    case .step:
      guard takeStep(budget) else { return false }
      naturalAscent.phase = .values
      return valueObjective == nil
    case .values: return try fitValues(budget)
    }
    return false
  }

  /// Computes the gradient.
  /// - Returns: Whether it is complete.
  private func beginStep(isSearched: Bool, _ budget: TimeBudget) throws(Refusal) -> Bool {
    if configuration.subSamplingFactor > 1, !rolloutPass.isRunning { shuffleForStep() }
    guard let (direction, tally) = gradient(stepPlaces, nil, budget) else { return false }
    let mean = 1 / tally.rows
    let entropy = tally.entropy * mean
    let before = update.numbers.entropyCoefficient * entropy - tally.surrogate.loss * mean
    statistics.gradientNorm = try optimizer.norm(of: direction)
    statistics.entropy = entropy
    trustRegion?.begin(along: direction, from: before, isSearched: isSearched)
    return true
  }

  /// The sequences from which the step is computed, the first in the order.
  private var stepPlaces: Range<Int> {
    let factor = configuration.subSamplingFactor
    return 0..<(sequences.count + factor - 1) / factor
  }

  private func takeStep(_ budget: TimeBudget) -> Bool {
    let rows = TrustRegion.Rows(rollout: update.rollout, sequences: sequences, places: stepPlaces)
    guard let (surrogate, divergence) = trustRegion?.advance(policyObjective, rows, budget) else { return false }
    if divergence == 0 { Log.report(.debug, "update \(update.number + 1) left the policy as it is: no step was found") }
    statistics.policyLoss = -surrogate
    statistics.approximateKL = divergence
    return true
  }

  private func fitValues(_ budget: TimeBudget) throws(Refusal) -> Bool {
    guard let value = valueObjective else { return true }
    guard let index = naturalAscent.place.minibatch else {
      shuffle(epoch: naturalAscent.place.epoch)
      naturalAscent.place.minibatch = 0
      return false
    }
    let places = sequences.places(ofMinibatch: index)
    guard let (direction, tally) = valueGradient(places, value, budget) else { return false }
    try ranks.check()
    naturalAscent.total.add(tally)
    try optimizer.ascend(direction, learningRate: update.numbers.learningRate)
    naturalAscent.place.advance(minibatches: sequences.minibatches)
    guard naturalAscent.place.epoch == configuration.epochs else { return false }
    statistics.valueLoss = naturalAscent.total.valueLoss / naturalAscent.total.rows
    return true
  }
}
