/// Learns from a full rollout: estimates advantages, then climbs for one or more passes over it.
final class Learner {
  let optimizer: Optimizer
  /// What follows the updates so far.
  var control: AdaptiveControl
  private let policy: Policy
  private let configuration: AgentConfiguration
  private let gradient: MinibatchGradient
  private let table: AdvantageTable
  private let signal: GradientSignal

  init(_ policy: Policy, _ configuration: AgentConfiguration, _ workers: WorkerPool, rows count: Int) throws(Refusal) {
    self.policy = policy
    self.configuration = configuration
    optimizer = try Optimizer(policy, configuration.optimizerConfiguration)
    control = AdaptiveControl(penalty: configuration.klCoefficient)
    let batch = configuration.algorithm == .ppo ? configuration.batchSize : count
    gradient = try MinibatchGradient(policy, workers, rows: batch)
    table = try AdvantageTable(policy, configuration, rows: count)
    signal = try GradientSignal(parameters: policy.spaceParameters + policy.space.parameters, policy.kernels)
  }

  /// Makes ready for rollouts of so many rows.
  func reserve(rows count: Int) throws(Refusal) {
    if configuration.algorithm != .ppo { try gradient.reserve(rows: count) }
    try table.reserve(rows: count)
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
    table.begin(rollout, normalizer)
    guard table.count > 0 else { return UpdateStatistics() }
    optimizer.begin()
    do throws(Refusal) {
      let climb = Climb(configuration, control, trajectories: trajectories, remaining: remaining)
      let (statistics, divergence) = try run(climb, rollout, update: update)
      try optimizer.commit()
      control.follow(divergence, desired: configuration.desiredKL)
      return statistics
    } catch {
      optimizer.rollBack()
      throw error
    }
  }

  /// Runs all epochs; also tells the mean KL divergence of the last.
  private func run(
    _ climb: Climb, _ rollout: Rollout, update: Int64
  ) throws(Refusal) -> (UpdateStatistics, divergence: Double) {
    try table.estimate(rollout)
    var statistics = climb.statistics
    if table.estimator.needsValues { statistics.explainedVariance = table.explainedVariance }
    signal.begin()

    var total = UpdateTally()
    var (seen, normSum, steps, divergence) = (0, 0.0, 0, Double.nan)
    training: for epoch in 0..<climb.epochs {
      if epoch > 0, configuration.recomputesAdvantages { try table.estimateAgain(rollout) }
      if climb.isPPO { table.shuffle(step: UInt64(update) &* UInt64(climb.epochs) &+ UInt64(epoch)) }
      var (epochSeen, epochKL) = (0, 0.0)
      let batch = climb.isPPO ? configuration.batchSize : table.count
      for first in stride(from: 0, to: table.count, by: batch) {
        let size = min(batch, table.count - first)
        gradient.transposes.refresh()
        let (direction, tally) = gradient(job(climb, rollout, first..<first + size))
        total.add(tally)
        seen += size
        epochSeen += size
        epochKL += tally.surrogate.kl
        if epoch == 0, size == batch { signal.add(direction) }
        divergence = epochKL / Double(epochSeen)
        if configuration.targetKL > 0, climb.isPPO, tally.surrogate.kl / Double(size) > 1.5 * configuration.targetKL {
          break training
        }
        normSum += try optimizer.climb(direction, learningRate: climb.learningRate)
        steps += 1
      }
    }
    statistics.take(total, rows: seen, climb.isPPO, fitsValues: configuration.fitsValues(policy))
    statistics.gradientSignalToNoise = signal.toNoise
    if steps > 0 { statistics.gradientNorm = normSum / Double(steps) }
    return (statistics, divergence)
  }

  private func job(_ climb: Climb, _ rollout: Rollout, _ places: Range<Int>) -> MinibatchJob {
    let (shift, scale) = configuration.advantageNormalization == .minibatch ? table.moments(places) : (0, 1)
    let regression =
      configuration.fitsValues(policy)
      ? MinibatchJob.Regression(
        rule: ValueRegression(clipRange: Float(configuration.clipRangeValue)), targets: table.targets.pointer,
        oldValues: table.values.pointer, scale: Float(configuration.valueCoefficient) / Float(places.count)) : nil
    return MinibatchJob(
      rollout: rollout, rows: table.rows.pointer + places.lowerBound, count: places.count,
      advantages: table.advantages.pointer, advantageShift: shift, advantageScale: scale, weighting: climb.weighting,
      scoreScale: climb.scoreScale ?? 1 / Float(places.count),
      entropyWeight: Float(climb.entropyCoefficient) / Float(places.count), regression: regression,
      transposes: gradient.transposes)
  }
}

/// What stays the same over all epochs of one update: every schedule's number of now.
private struct Climb {
  let isPPO: Bool
  let epochs: Int
  let learningRate: Double
  let entropyCoefficient: Double
  let weighting: any ScoreWeighting
  /// What the sum over rows is multiplied by, where that is not one over their number.
  let scoreScale: Float?
  /// The numbers of now, to be told.
  let statistics: UpdateStatistics

  init(_ configuration: AgentConfiguration, _ control: AdaptiveControl, trajectories: Int, remaining: Double) {
    isPPO = configuration.algorithm == .ppo
    epochs = isPPO ? configuration.epochs : 1
    let schedule = configuration.learningRateSchedule
    learningRate =
      schedule == .klAdaptive
      ? configuration.learningRate * control.rateFactor : schedule.value(configuration.learningRate, remaining)
    entropyCoefficient = configuration.entropySchedule.value(configuration.entropyCoefficient, remaining)
    let clipRange = configuration.clipRangeSchedule.value(configuration.clipRange, remaining)
    let isPenalized = configuration.surrogate == .klPenalty
    if isPPO {
      weighting =
        isPenalized
        ? PenalizedSurrogate(coefficient: Float(control.penalty), clipRange: Float(clipRange))
        : ClippedSurrogate(clipRange: Float(clipRange))
    } else {
      weighting = PlainScore()
    }
    scoreScale = configuration.algorithm == .reinforce ? 1 / Float(trajectories) : nil
    var statistics = UpdateStatistics()
    statistics.learningRate = learningRate
    statistics.entropyCoefficient = entropyCoefficient
    if isPPO { statistics.clipRange = clipRange }
    if isPPO, isPenalized { statistics.klCoefficient = control.penalty }
    self.statistics = statistics
  }
}

extension UpdateStatistics {
  /// Takes up the means over all rows that were seen.
  fileprivate mutating func take(_ total: UpdateTally, rows: Int, _ hasRatios: Bool, fitsValues: Bool) {
    let mean = 1 / Double(rows)
    policyLoss = total.surrogate.loss * mean
    entropy = total.entropy * mean
    if fitsValues { valueLoss = total.valueLoss * mean }
    if hasRatios {
      approximateKL = total.surrogate.kl * mean
      clipFraction = Double(total.surrogate.clipped) * mean
    }
  }
}

extension AgentConfiguration {
  /// Whether the value function is taught; a policy may have one that nothing asks for.
  fileprivate func fitsValues(_ policy: Policy) -> Bool { needsValues && policy.hasValueFunction }
}
