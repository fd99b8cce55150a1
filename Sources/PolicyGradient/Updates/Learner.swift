/// Learns from a full rollout: estimates advantages, then updates the policy and its value function by the algorithm.
final class Learner {
  let optimizer: Optimizer
  /// Numbers that adapt to the divergence of past updates.
  var control: AdaptiveControl
  var host = HostNumbers()
  let policy: Policy
  let configuration: AgentConfiguration
  let ranks: Ranks
  let algorithm: any Algorithm
  let sequences: Sequences
  let table: AdvantageTable
  let rolloutPass: RolloutPass
  /// For algorithms that move along the natural gradient; otherwise `nil`.
  let trustRegion: TrustRegion?
  let signal: GradientSignal

  var estimator: any AdvantageEstimator { table.estimator }

  init(
    _ policy: Policy, _ configuration: AgentConfiguration, _ workers: WorkerPool, _ parallelPolicy: ParallelPolicy,
    _ ranks: Ranks, steps: Int
  ) throws(Refusal) {
    let count = steps * configuration.environments
    self.policy = policy
    self.configuration = configuration
    self.ranks = ranks
    algorithm = configuration.algorithm
    optimizer = try Optimizer(policy, configuration.optimizerConfiguration)
    control = AdaptiveControl(penalty: configuration.klCoefficient)
    sequences = try Sequences(
      rows: count, length: policy.stateSize > 0 ? configuration.sequenceLength : nil,
      groups: configuration.shuffleGroups, seed: configuration.seed, ranks, policy.kernels)
    table = try AdvantageTable(policy, configuration, parallelPolicy, ranks, rows: count)
    var isNatural = false
    if case .naturalGradient = algorithm.step { isNatural = true }
    rolloutPass = try RolloutPass(
      policy, workers, ranks, rows: configuration.gradientRows(of: count),
      steps: configuration.sequenceSteps(policy, steps: steps), comparesPolicies: isNatural)
    trustRegion = isNatural ? try TrustRegion(policy, configuration, rolloutPass) : nil
    signal = try GradientSignal(parameters: algorithm.usesMinibatches ? policy.shape.policyEnd : 0, policy.kernels)
  }

  /// Prepares for rollouts of so many steps.
  func reserve(steps: Int) throws(Refusal) {
    let count = steps * configuration.environments
    try rolloutPass.reserve(
      rows: configuration.gradientRows(of: count), steps: configuration.sequenceSteps(policy, steps: steps))
    try sequences.reserve(rows: count)
    try table.reserve(rows: count)
  }

  /// The inputs of one update.
  struct Update {
    let rollout: Rollout
    let numbers: ScheduledNumbers
    let weighting: any ScoreWeighting
    /// How many whole trajectories the rollouts of all ranks hold.
    let trajectories: Double
    /// Counts rollouts from 0; part of the key of the shuffle.
    let number: Int64
  }

  /// Learns from the rollout. If it throws, policy and optimizer have not changed.
  ///
  /// - Parameters:
  ///   - normalizer: Normalises rewards; `nil` if they are not normalised.
  ///   - trajectories: The number of whole trajectories in the rollout, if it holds such.
  ///   - update: Counts rollouts from 0.
  ///   - remaining: The share of the training that remains, 1 to 0, for the schedules.
  func learn(
    from rollout: Rollout, _ normalizer: RewardNormalizer?, trajectories: Int, update number: Int64, remaining: Double
  ) throws(Refusal) -> UpdateStatistics {
    sequences.begin(rollout, batchSize: configuration.batchSize)
    table.begin(rollout, normalizer)
    guard sequences.totalCount > 0 else { return UpdateStatistics() }
    optimizer.begin()
    do throws(Refusal) {
      let numbers = ScheduledNumbers(configuration, control, host, remaining: remaining)
      let update = Update(
        rollout: rollout, numbers: numbers, weighting: algorithm.weighting(configuration, numbers),
        trajectories: total(trajectories), number: number)
      try table.estimate(rollout, over: sequences)
      var statistics = UpdateStatistics()
      statistics.learningRate = numbers.learningRate
      statistics.entropyCoefficient = numbers.entropyCoefficient
      algorithm.report(numbers, configuration, in: &statistics)
      if estimator.needsValues {
        let rows = sequences.activeRows(in: 0..<sequences.count)
        statistics.explainedVariance = table.explainedVariance(rows.numbers, count: rows.count)
      }
      let divergence: Double
      switch algorithm.step {
      case .gradient:
        divergence = try ascendGradient(update, &statistics)
      case .naturalGradient(let isSearched):
        try ascendNaturalGradient(update, isSearched: isSearched, &statistics)
        divergence = .nan
      }
      try ranks.check()
      try optimizer.commit()
      control.adapt(to: divergence, desired: configuration.desiredKL)
      return statistics
    } catch {
      optimizer.rollBack()
      Log.report(.warning, "update \(number + 1) was undone: \(error.message)")
      throw error
    }
  }

  /// Shuffles the sequences for an epoch. Epochs are counted from 0 in each update.
  func shuffle(_ update: Update, epoch: Int) {
    sequences.shuffle(step: UInt64(update.number) &* UInt64(configuration.epochs) &+ UInt64(epoch))
  }

  // MARK: Minibatches

  /// The policy's objective in a minibatch, which consists of the sequences at `places` of the shuffled order.
  func policyObjective(_ update: Update, _ places: Range<Int>) -> PolicyObjective {
    let rows = sequences.activeRows(in: places)
    let (shift, scale) =
      configuration.advantageNormalization == .minibatch
      ? table.moments(rows.numbers, count: rows.count) : (0, 1)
    return PolicyObjective(
      advantages: table.advantages.pointer, shift: shift, advantageScale: scale, weighting: update.weighting,
      scale: algorithm.averagesTrajectories ? Float(total(rows.count)) / Float(update.trajectories) : nil,
      entropyCoefficient: update.numbers.entropyCoefficient)
  }

  /// A count, summed over all ranks.
  private func total(_ count: Int) -> Double {
    var total = Double(count)
    ranks.sum(&total)
    return total
  }

  /// The value function's objective; `nil` if the estimator needs no values, even if the policy has them.
  var valueObjective: ValueObjective? {
    guard estimator.needsValues, policy.hasValueFunction else { return nil }
    return ValueObjective(
      rule: ValueRegression(clipRange: Float(configuration.clipRangeValue), clip: configuration.valueClip),
      targets: table.targets.pointer, oldValues: table.values.pointer,
      coefficient: Float(configuration.valueCoefficient))
  }

  /// The mean gradient over a minibatch; valid until the next.
  func gradient(
    _ update: Update, _ places: Range<Int>, _ objective: PolicyObjective, _ value: ValueObjective?
  ) -> (gradient: Gradient, tally: UpdateTally) {
    rolloutPass.prepared.refresh(policy.parameters.pointer)
    return run(
      GradientJob(
        parameters: policy.parameters.pointer, prepared: rolloutPass.prepared, policy: objective, value: value),
      update, places)
  }

  /// The same for the value function alone.
  func valueGradient(
    _ update: Update, _ places: Range<Int>, _ value: ValueObjective
  ) -> (gradient: Gradient, tally: UpdateTally) {
    rolloutPass.prepared.refresh(policy.parameters.pointer)
    return run(
      ValueGradientJob(parameters: policy.parameters.pointer, prepared: rolloutPass.prepared, value: value), update,
      places)
  }

  private func run(
    _ job: some RolloutJob, _ update: Update, _ places: Range<Int>
  ) -> (gradient: Gradient, tally: UpdateTally) {
    let (sum, tally) = rolloutPass(job, update.rollout, sequences, places)
    return (Gradient(sum: sum, scale: 1 / Float(tally.rows)), tally)
  }
}
