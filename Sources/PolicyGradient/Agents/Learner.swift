/// Learns from a full rollout: estimates advantages, then climbs for one or more passes over it.
final class Learner {
  let optimizer: Optimizer
  /// What follows the updates so far.
  var control: AdaptiveControl
  let policy: Policy
  let configuration: AgentConfiguration
  let gradient: MinibatchGradient
  let table: AdvantageTable
  /// Of NPG and TRPO.
  let trustRegion: TrustRegion?
  private let signal: GradientSignal

  init(
    _ policy: Policy, _ configuration: AgentConfiguration, _ workers: WorkerPool, _ parallelPolicy: ParallelPolicy,
    rows count: Int
  ) throws(Refusal) {
    self.policy = policy
    self.configuration = configuration
    optimizer = try Optimizer(policy, configuration.optimizerConfiguration)
    control = AdaptiveControl(penalty: configuration.klCoefficient)
    let batch = configuration.algorithm == .ppo ? configuration.batchSize : count
    gradient = try MinibatchGradient(policy, workers, rows: batch)
    table = try AdvantageTable(policy, configuration, parallelPolicy, rows: count)
    trustRegion =
      configuration.algorithm.isNatural ? try TrustRegion(policy, configuration, workers, rows: count) : nil
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
      let plan = UpdatePlan(configuration, control, trajectories: trajectories, remaining: remaining)
      let (statistics, divergence) =
        plan.isNatural
        ? (try runNatural(plan, rollout, update: update), .nan) : try run(plan, rollout, update: update)
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
    _ plan: UpdatePlan, _ rollout: Rollout, update: Int64
  ) throws(Refusal) -> (UpdateStatistics, divergence: Double) {
    try table.estimate(rollout)
    var statistics = plan.statistics
    if table.estimator.needsValues { statistics.explainedVariance = table.explainedVariance }
    signal.begin()

    var total = UpdateTally()
    var (seen, normSum, steps, divergence) = (0, 0.0, 0, Double.nan)
    training: for epoch in 0..<plan.epochs {
      if epoch > 0, configuration.recomputesAdvantages { try table.estimateAgain(rollout) }
      if plan.isPPO { shuffle(update, epoch) }
      var (epochSeen, epochKL) = (0, 0.0)
      let batch = plan.isPPO ? configuration.batchSize : table.count
      for first in stride(from: 0, to: table.count, by: batch) {
        let size = min(batch, table.count - first)
        gradient.transposes.refresh()
        let (direction, tally) = gradient(
          job(plan, rollout, first..<first + size, movesPolicy: true, fitsValues: fitsValues))
        total.add(tally)
        seen += size
        epochSeen += size
        epochKL += tally.surrogate.kl
        if epoch == 0, size == batch { signal.add(direction) }
        divergence = epochKL / Double(epochSeen)
        if configuration.targetKL > 0, plan.isPPO, tally.surrogate.kl / Double(size) > 1.5 * configuration.targetKL {
          break training
        }
        normSum += try optimizer.climb(direction, learningRate: plan.learningRate)
        steps += 1
      }
    }
    statistics.take(total, rows: seen, plan.isPPO, fitsValues: fitsValues)
    statistics.gradientSignalToNoise = signal.toNoise
    if steps > 0 { statistics.gradientNorm = normSum / Double(steps) }
    return (statistics, divergence)
  }

  /// Whether the value function is taught; a policy may have one that nothing asks for.
  private var fitsValues: Bool { configuration.needsValues && policy.hasValueFunction }

  /// Orders the rows anew for an epoch, counted from 0 in each update.
  func shuffle(_ update: Int64, _ epoch: Int) {
    table.shuffle(step: UInt64(update) &* UInt64(configuration.epochs) &+ UInt64(epoch))
  }

  /// The job of the rows at some places of the order.
  func job(
    _ plan: UpdatePlan, _ rollout: Rollout, _ places: Range<Int>, movesPolicy: Bool, fitsValues: Bool
  ) -> MinibatchJob {
    let (shift, scale) = configuration.advantageNormalization == .minibatch ? table.moments(places) : (0, 1)
    let score = MinibatchJob.Score(
      advantages: table.advantages.pointer, shift: shift, advantageScale: scale, weighting: plan.weighting,
      scale: plan.trajectories.map { Float(places.count) / Float($0) }, entropyCoefficient: plan.entropyCoefficient)
    let regression =
      fitsValues
      ? MinibatchJob.Regression(
        rule: ValueRegression(clipRange: Float(configuration.clipRangeValue)), targets: table.targets.pointer,
        oldValues: table.values.pointer, coefficient: Float(configuration.valueCoefficient)) : nil
    return MinibatchJob(
      rollout: rollout, rows: table.rows.pointer + places.lowerBound, count: places.count, score: score,
      movesPolicy: movesPolicy, regression: regression, transposes: gradient.transposes)
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
