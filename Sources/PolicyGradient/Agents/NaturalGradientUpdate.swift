extension Learner {
  /// One step along the natural gradient over the whole rollout; then the value function alone is fitted, over minibatches.
  func runNatural(_ plan: UpdatePlan, _ rollout: Rollout, update: Int64) throws(Refusal) -> UpdateStatistics {
    try table.estimate(rollout)
    var statistics = plan.statistics
    statistics.explainedVariance = table.explainedVariance
    try takeStep(plan, rollout, &statistics)
    try fitValues(plan, rollout, update, &statistics)
    return statistics
  }

  private func takeStep(_ plan: UpdatePlan, _ rollout: Rollout, _ statistics: inout UpdateStatistics) throws(Refusal) {
    guard let trustRegion else { return }
    let rows = 0..<table.count
    let job = job(plan, rollout, rows, movesPolicy: true, fitsValues: false)
    gradient.transposes.refresh()
    let (direction, tally) = gradient(job)
    let mean = 1 / Double(rows.count)
    let entropy = tally.entropy * mean
    let before = plan.entropyCoefficient * entropy - tally.surrogate.loss * mean
    statistics.gradientNorm = try optimizer.norm(of: direction)
    let (surrogate, divergence) = trustRegion.step(along: direction, from: before, job)
    statistics.entropy = entropy
    statistics.policyLoss = -surrogate
    statistics.approximateKL = divergence
  }

  private func fitValues(
    _ plan: UpdatePlan, _ rollout: Rollout, _ update: Int64, _ statistics: inout UpdateStatistics
  ) throws(Refusal) {
    var loss = 0.0
    for epoch in 0..<plan.epochs {
      shuffle(update, epoch)
      for first in stride(from: 0, to: table.count, by: configuration.batchSize) {
        let places = first..<min(first + configuration.batchSize, table.count)
        gradient.transposes.refresh()
        let (direction, tally) = gradient(
          job(plan, rollout, places, movesPolicy: false, fitsValues: true))
        loss += tally.valueLoss
        try optimizer.climb(direction, learningRate: plan.learningRate)
      }
    }
    statistics.valueLoss = loss / Double(plan.epochs * table.count)
  }
}
