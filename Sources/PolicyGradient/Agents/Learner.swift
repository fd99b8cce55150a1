/// Learns from a full rollout: estimates advantages, then climbs for one or more passes over it.
final class Learner {
  let optimizer: Optimizer
  private let policy: Policy
  private let configuration: AgentConfiguration
  private let gradient: MinibatchGradient
  private let estimator: any AdvantageEstimator

  private var rows: Buffer<Int32>
  private var values: Buffer<Float>
  private var advantages: Buffer<Float>
  private var targets: Buffer<Float>
  private var words: Buffer<UInt32>
  /// Rewards as they are learned from, where those differ from what was told.
  private var rewards: Buffer<Float>
  private let lastValues: Buffer<Float>

  init(_ policy: Policy, _ configuration: AgentConfiguration, _ workers: WorkerPool, rows count: Int) throws(Refusal) {
    self.policy = policy
    self.configuration = configuration
    optimizer = try Optimizer(policy, configuration.optimizerConfiguration)
    let batch = configuration.algorithm == .ppo ? configuration.batchSize : count
    gradient = try MinibatchGradient(policy, workers, rows: batch)
    estimator = configuration.makeEstimator()
    rows = try Buffer(count: count)
    values = try Buffer(count: count)
    advantages = try Buffer(count: count)
    targets = try Buffer(count: count)
    words = try Buffer(count: count)
    rewards = try Buffer(count: configuration.normalizesRewards ? count : 0)
    lastValues = try Buffer(count: configuration.environments)
  }

  /// Makes ready for rollouts of so many rows.
  func reserve(rows count: Int) throws(Refusal) {
    guard count > rows.count else { return }
    if configuration.algorithm != .ppo { try gradient.reserve(rows: count) }
    // All or none: were one refused after another was replaced, the next call would believe that all are long enough.
    let rows = try Buffer<Int32>(count: count)
    let values = try Buffer<Float>(count: count)
    let advantages = try Buffer<Float>(count: count)
    let targets = try Buffer<Float>(count: count)
    let words = try Buffer<UInt32>(count: count)
    let rewards = try Buffer<Float>(count: configuration.normalizesRewards ? count : 0)
    self.rows = rows
    self.values = values
    self.advantages = advantages
    self.targets = targets
    self.words = words
    self.rewards = rewards
  }

  /// Learns from the rollout, or leaves policy and optimizer as they were.
  ///
  /// - Parameters:
  ///   - normalizer: Of rewards, where they are normalised.
  ///   - trajectories: How many the rollout holds, where it holds whole ones.
  ///   - update: Counts rollouts from 0; keys the shuffling.
  ///   - remaining: What is left of the training, 1 to 0, for the schedules.
  func learn(
    from rollout: Rollout, _ normalizer: RewardNormalizer?, trajectories: Int, update: Int64, remaining: Double
  ) throws(Refusal) -> UpdateStatistics {
    optimizer.begin()
    do throws(Refusal) {
      normalizer?.normalize(rollout.rewards.pointer, count: rollout.rows, into: rewards.pointer)
      let statistics = try climb(rollout, trajectories: trajectories, update: update, remaining: remaining)
      try optimizer.commit()
      return statistics
    } catch {
      optimizer.rollBack()
      throw error
    }
  }

  private func climb(
    _ rollout: Rollout, trajectories: Int, update: Int64, remaining: Double
  ) throws(Refusal) -> UpdateStatistics {
    var statistics = UpdateStatistics()
    let count = collectRows(rollout)
    guard count > 0 else { return statistics }
    try estimate(rollout)

    let learningRate = configuration.learningRateSchedule.value(configuration.learningRate, remaining)
    let clipRange = configuration.clipRangeSchedule.value(configuration.clipRange, remaining)
    let isPPO = configuration.algorithm == .ppo
    let batch = isPPO ? configuration.batchSize : count
    statistics.learningRate = learningRate
    if isPPO { statistics.clipRange = clipRange }
    if estimator.needsValues { statistics.explainedVariance = explainedVariance(count) }

    var total = UpdateTally()
    var (seen, normSum, steps) = (0, 0.0, 0)
    training: for epoch in 0..<(isPPO ? configuration.epochs : 1) {
      if isPPO {
        shuffle(
          rows.pointer, count, seed: configuration.seed,
          step: UInt64(update) &* UInt64(configuration.epochs) &+ UInt64(epoch), words: words.pointer, policy.kernels)
      }
      for first in stride(from: 0, to: count, by: batch) {
        let size = min(batch, count - first)
        let job = self.job(
          rollout, places: first..<first + size, clipRange: clipRange,
          scoreScale: configuration.algorithm == .reinforce ? 1 / Float(trajectories) : 1 / Float(size))
        gradient.transposes.refresh()
        let (direction, tally) = gradient(job)
        total.add(tally)
        seen += size
        if configuration.targetKL > 0, isPPO, tally.surrogate.kl / Double(size) > 1.5 * configuration.targetKL {
          break training
        }
        normSum += try optimizer.climb(direction, learningRate: learningRate)
        steps += 1
      }
    }

    let mean = 1 / Double(seen)
    statistics.policyLoss = total.surrogate.loss * mean
    statistics.entropy = total.entropy * mean
    if configuration.fitsValues(policy) { statistics.valueLoss = total.valueLoss * mean }
    if isPPO {
      statistics.approximateKL = total.surrogate.kl * mean
      statistics.clipFraction = Double(total.surrogate.clipped) * mean
    }
    if steps > 0 { statistics.gradientNorm = normSum / Double(steps) }
    return statistics
  }

  /// Lists the rows that belong to trajectories of the batch; how many.
  private func collectRows(_ rollout: Rollout) -> Int {
    var count = 0
    for row in 0..<rollout.rows where rollout.ages.pointer[row] != Rollout.leftOut {
      rows.pointer[count] = Int32(row)
      count += 1
    }
    return count
  }

  /// Weighs every row of the rollout, valuing its observations first where that is needed.
  private func estimate(_ rollout: Rollout) throws(Refusal) {
    var known: TrajectoryBatch.Values?
    if estimator.needsValues {
      try policy.value(rollout.observations.pointer, as: .normalized, rows: rollout.rows, into: values.pointer)
      try policy.value(rollout.currentObservations, as: .normalized, rows: rollout.environments, into: lastValues.pointer)
      known = TrajectoryBatch.Values(
        current: values.pointer, final: rollout.finalValues.pointer, last: lastValues.pointer)
    }
    let batch = TrajectoryBatch(
      steps: rollout.steps, environments: rollout.environments,
      rewards: configuration.normalizesRewards ? rewards.pointer : rollout.rewards.pointer,
      terminated: rollout.terminated.pointer, truncated: rollout.truncated.pointer, ages: rollout.ages.pointer,
      gamma: configuration.gamma, values: known)
    let scratch = UnsafeMutableRawPointer(words.pointer).assumingMemoryBound(to: Float.self)
    estimator.estimate(
      batch, weights: advantages.pointer, targets: targets.pointer, scratch: scratch, policy.kernels)
  }

  private func job(_ rollout: Rollout, places: Range<Int>, clipRange: Double, scoreScale: Float) -> MinibatchJob {
    let (shift, scale) = configuration.normalizesAdvantage ? moments(places) : (0, 1)
    let weighting: any ScoreWeighting =
      configuration.algorithm == .ppo ? ClippedSurrogate(clipRange: Float(clipRange)) : PlainScore()
    let regression =
      configuration.fitsValues(policy)
      ? MinibatchJob.Regression(
        rule: ValueRegression(clipRange: Float(configuration.clipRangeValue)), targets: targets.pointer,
        oldValues: values.pointer, scale: Float(configuration.valueCoefficient) / Float(places.count)) : nil
    return MinibatchJob(
      rollout: rollout, rows: rows.pointer + places.lowerBound, count: places.count, advantages: advantages.pointer,
      advantageShift: shift, advantageScale: scale, weighting: weighting, scoreScale: scoreScale,
      entropyWeight: Float(configuration.entropyCoefficient) / Float(places.count), regression: regression,
      transposes: gradient.transposes)
  }

  /// Mean, and one over the standard deviation, of the advantages at some places of the order; a single row is left alone.
  private func moments(_ places: Range<Int>) -> (shift: Float, scale: Float) {
    guard places.count > 1 else { return (0, 1) }
    var sum = 0.0
    for place in places { sum += Double(advantages.pointer[Int(rows.pointer[place])]) }
    let mean = sum / Double(places.count)
    var squares = 0.0
    for place in places {
      let deviation = Double(advantages.pointer[Int(rows.pointer[place])]) - mean
      squares += deviation * deviation
    }
    let deviation = (squares / Double(places.count - 1)).squareRoot()
    return (Float(mean), Float(1 / (deviation + 1e-8)))
  }

  /// 1 - Var(target - V) / Var(target): 1 for a value function that knows all, 0 for one that knows the mean.
  private func explainedVariance(_ count: Int) -> Double {
    var (target, error, targetSquares, errorSquares) = (0.0, 0.0, 0.0, 0.0)
    for place in 0..<count {
      let row = Int(rows.pointer[place])
      target += Double(targets.pointer[row])
      error += Double(targets.pointer[row]) - Double(values.pointer[row])
    }
    target /= Double(count)
    error /= Double(count)
    for place in 0..<count {
      let row = Int(rows.pointer[place])
      let a = Double(targets.pointer[row]) - target
      let b = Double(targets.pointer[row]) - Double(values.pointer[row]) - error
      targetSquares += a * a
      errorSquares += b * b
    }
    return targetSquares > 0 ? 1 - errorSquares / targetSquares : .nan
  }
}

extension AgentConfiguration {
  fileprivate func makeEstimator() -> any AdvantageEstimator {
    switch estimator {
    case .wholeTrajectory: WholeTrajectory(hasBaseline: hasBaseline)
    case .rewardToGo: RewardToGo(hasBaseline: hasBaseline, discountsScores: discountsScores)
    case .gae: GeneralizedAdvantage(lambda: gaeLambda, discountsScores: discountsScores)
    }
  }

  /// Whether the value function is taught; a policy may have one that nothing asks for.
  fileprivate func fitsValues(_ policy: Policy) -> Bool { needsValues && policy.hasValueFunction }
}
