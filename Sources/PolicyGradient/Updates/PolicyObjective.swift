/// The policy's objective, which is maximised: the surrogate of every row's advantage, and the entropy.
struct PolicyObjective {
  /// Ψ of every row of the rollout. The weighting receives (Ψ - shift) × advantageScale.
  let advantages: UnsafePointer<Float>
  let shift: Float
  let advantageScale: Float
  let weighting: any ScoreWeighting
  /// A factor on each weight; `nil` if the objective is a mean over rows.
  let scale: Float?
  let entropyCoefficient: Double

  /// Writes a weight for each row of a block, 0 for inactive rows, and adds to the worker's tally. The worker already
  /// holds the current log-probabilities.
  func weigh(_ gathered: GatheredBlock, on worker: ShardWorker) -> UnsafePointer<Float> {
    let (count, kernels) = (gathered.count, worker.shape.kernels)
    let old = worker.gather(gathered.rollout.logProbabilities.pointer, gathered, into: .oldLogProbabilities)
    let advantages = worker.gather(self.advantages, gathered, into: .advantages)
    kernels.shiftAndScale(advantages, count, shift, advantageScale)
    let weights = worker.column(.weights)
    gathered.select(worker.column(.logProbabilities))
    weighting.weigh(
      WeighedRows(
        count: count, logProbabilities: worker.column(.logProbabilities), oldLogProbabilities: old,
        advantages: advantages),
      into: weights, scratch: worker.column(.scratch), tally: &worker.tally.surrogate, kernels)
    if let scale { kernels.scale(weights, count, scale) }
    gathered.spread(weights)
    return UnsafePointer(weights)
  }
}

/// The value function's objective: the targets of its regression.
struct ValueObjective {
  let rule: ValueRegression
  let targets: UnsafePointer<Float>
  let oldValues: UnsafePointer<Float>
  /// A factor on the slope of each row's loss.
  let coefficient: Float

  /// Turns the values of a block into slopes of the objective, 0 for inactive rows. The worker already holds the
  /// targets.
  func weigh(
    _ values: UnsafeMutablePointer<Float>, _ gathered: GatheredBlock, on worker: ShardWorker,
    into slopes: UnsafeMutablePointer<Float>
  ) {
    gathered.select(values)
    worker.tally.valueLoss += rule.weigh(
      values, oldValues: worker.column(.oldValues), targets: worker.column(.targets), count: gathered.count,
      scale: coefficient, into: slopes)
    gathered.spread(slopes)
  }

  func gather(_ gathered: GatheredBlock, on worker: ShardWorker) {
    worker.gather(targets, gathered, into: .targets)
    worker.gather(oldValues, gathered, into: .oldValues)
  }
}
