// The objectives of a minibatch, and their gradient.

extension Learner {
  /// How the weights of a minibatch are scaled.
  struct MinibatchScale {
    var shift: Float = 0
    var advantageScale: Float = 1
    var scale: Float?
  }

  /// The policy's objective in the current minibatch.
  var policyObjective: PolicyObjective {
    PolicyObjective(
      advantages: table.advantages.pointer, shift: minibatchScale.shift, advantageScale: minibatchScale.advantageScale,
      weighting: update.weighting, scale: minibatchScale.scale,
      entropyCoefficient: update.numbers.entropyCoefficient)
  }

  /// Computes the scale of a minibatch, which consists of the sequences at `places` of the shuffled order.
  private func scale(_ places: Range<Int>) -> MinibatchScale {
    let rows = sequences.activeRows(in: places)
    var result = MinibatchScale()
    if configuration.advantageNormalization == .minibatch {
      (result.shift, result.advantageScale) = table.moments(rows.numbers, count: rows.count)
    }
    if algorithm.averagesTrajectories { result.scale = Float(total(rows.count)) / Float(update.trajectories) }
    return result
  }

  /// A count, summed over all ranks.
  func total(_ count: Int) -> Double {
    var total = Double(count)
    ranks.sum(&total)
    return total
  }

  /// The value function's objective; `nil` if the estimator needs no values, even if the policy has them.
  var valueObjective: ValueObjective? {
    guard estimator.needsValues, policy.hasValueFunction else { return nil }
    return ValueObjective(
      rule: ValueRegression(clipRange: Float(update.numbers.clipRangeValue), clip: configuration.valueClip),
      targets: table.targets.pointer, oldValues: table.values.pointer,
      coefficient: Float(configuration.valueCoefficient))
  }

  /// The mean gradient over a minibatch; valid until the next. `nil` if the budget is used up before it is complete.
  func gradient(
    _ places: Range<Int>, _ value: ValueObjective?, _ budget: TimeBudget
  ) -> (gradient: Gradient, tally: UpdateTally)? {
    if !rolloutPass.isRunning { minibatchScale = scale(places) }
    return run(
      GradientJob(
        parameters: policy.parameters.pointer, prepared: rolloutPass.prepared, policy: policyObjective, value: value),
      places, budget)
  }

  /// The same for the value function alone.
  func valueGradient(
    _ places: Range<Int>, _ value: ValueObjective, _ budget: TimeBudget
  ) -> (gradient: Gradient, tally: UpdateTally)? {
    run(
      ValueGradientJob(parameters: policy.parameters.pointer, prepared: rolloutPass.prepared, value: value), places,
      budget)
  }

  private func run(
    _ job: some RolloutJob, _ places: Range<Int>, _ budget: TimeBudget
  ) -> (gradient: Gradient, tally: UpdateTally)? {
    if !rolloutPass.isRunning {
      rolloutPass.prepared.refresh(policy.parameters.pointer)
      rolloutPass.begin(update.rollout, sequences, places)
    }
    guard rolloutPass.advance(job, budget) else { return nil }
    let tally = rolloutPass.tally
    return (Gradient(sum: rolloutPass.sum, scale: 1 / Float(tally.rows)), tally)
  }
}
