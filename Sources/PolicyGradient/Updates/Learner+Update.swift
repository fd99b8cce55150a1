// An update, from `begin` to `commit` or `rollBack`.

extension Learner {
  /// The refusal of calls during an update, for example from a log callback.
  static let isUpdating = Refusal(.badState, "the agent is making an update; call this when the update is complete")

  /// Takes a rollout to learn from, which must not change until the update ends.
  ///
  /// - Parameters:
  ///   - normalizer: Normalises rewards; `nil` if they are not normalised.
  ///   - trajectories: The number of whole trajectories in the rollout, if it holds such.
  ///   - number: Counts rollouts from 0.
  ///   - remaining: The share of the training that remains, 1 to 0, for the schedules.
  func begin(
    _ rollout: Rollout, _ normalizer: RewardNormalizer?, trajectories: Int, update number: Int64, remaining: Double
  ) throws(Refusal) {
    guard !hasUpdate else { throw Learner.isUpdating }
    if rollout.capacity > capacity { try reserve(steps: rollout.capacity) }
    table.begin(rollout, normalizer)
    let numbers = ScheduledNumbers(configuration, control, host, remaining: remaining)
    update = Update(
      rollout: rollout, numbers: numbers, weighting: algorithm.weighting(configuration, numbers),
      trajectories: total(trajectories), number: number)
    (hasUpdate, stage, seconds, learnedSteps) = (true, .due, 0, 0)
  }

  /// Continues the update until it is complete or the budget is used up, by at least one block of rows.
  ///
  /// - Returns: Whether it is complete; ``commit()`` must follow. If it throws, ``rollBack(_:)`` must follow.
  func advance(_ budget: TimeBudget) throws(Refusal) -> Bool {
    guard hasUpdate else { return true }
    let start = MonotonicClock.now
    isAdvancing = true
    defer {
      isAdvancing = false
      seconds += MonotonicClock.now - start
    }
    repeat { try step(budget) } while stage != .complete && !budget.isUsedUp
    return stage == .complete
  }

  private func step(_ budget: TimeBudget) throws(Refusal) {
    switch stage {
    case .due: try open()
    case .estimating:
      guard try table.estimate(update.rollout, over: sequences, budget) else { return }
      reportEstimates()
      stage = .ascending
    case .ascending:
      let isOver: Bool
      switch algorithm.step {
      case .gradient: isOver = try ascendGradient(budget)
      case .naturalGradient(let isSearched):
        isOver = try ascendNaturalGradient(isSearched: isSearched, budget)
      }
      guard isOver else { return }
      try ranks.check()
      try optimizer.checkFinite()
      stage = .complete
    case .complete: break
    }
  }

  /// Begins to change the policy, unless there is nothing to learn from. Until the update ends, readers of the policy
  /// see the parameters before it.
  func open() throws(Refusal) {
    sequences.begin(update.rollout, batchSize: configuration.batchSize)
    statistics = UpdateStatistics()
    guard sequences.totalCount > 0 else {
      stage = .complete
      return
    }
    try optimizer.begin()
    isOpen = true
    stage = .estimating
    table.restart()
    rolloutPass.cancel()
    (ascent, naturalAscent) = (GradientAscent(), NaturalAscent())
    signal.begin()
  }

  private func reportEstimates() {
    statistics.learningRate = update.numbers.learningRate
    statistics.entropyCoefficient = update.numbers.entropyCoefficient
    algorithm.report(update.numbers, configuration, in: &statistics)
    guard estimator.needsValues else { return }
    let rows = sequences.activeRows(in: 0..<sequences.count)
    statistics.explainedVariance = table.explainedVariance(rows.numbers, count: rows.count)
  }

  /// Ends a complete update: readers of the policy see the new parameters.
  func commit() -> UpdateStatistics {
    if isOpen {
      optimizer.commit()
      if case .gradient = algorithm.step {
        report(ascent, in: &statistics)
        control.adapt(to: ascent.divergence, desired: configuration.desiredKL)
      }
    }
    statistics.seconds = seconds
    learnedSteps = isOpen ? update.rollout.steps : 0
    (hasUpdate, isOpen) = (false, false)
    return statistics
  }

  /// Ends the update, and undoes what it has changed.
  ///
  /// - Parameter refusal: Why the update failed; `nil` if the agent ends.
  func rollBack(_ refusal: Refusal?) {
    guard hasUpdate else { return }
    restart()
    if let refusal { Log.report(.warning, "update \(update.number + 1) was undone: \(refusal.message)") }
    hasUpdate = false
  }

  /// Undoes what the update has changed, so that it starts again.
  func restart() {
    if isOpen { optimizer.rollBack() }
    (isOpen, isAdvancing, stage) = (false, false, .due)
  }
}
