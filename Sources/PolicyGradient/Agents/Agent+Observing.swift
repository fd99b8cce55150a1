// Stores the results of a step in the rollout, and its observations for the next action.

extension Agent {
  /// Stores the results of the actions of ``act(_:)``. If the rollout is then full, learns from it or makes its update
  /// due, unless ``setGathering(steps:firstEnvironment:)`` was called.
  /// - Returns: Whether the rollout was full.
  @discardableResult
  package func observe(
    rewards: UnsafePointer<Float>, terminated: UnsafePointer<UInt8>, truncated: UnsafePointer<UInt8>,
    nextObservations: UnsafePointer<Float>, finalObservations: UnsafePointer<Float>?
  ) throws(Refusal) -> Bool {
    guard phase == .observing else { throw Refusal(.badState, "observe was called before act; call act first") }
    let result = StepResult(
      rewards: rewards, terminated: terminated, truncated: truncated, nextObservations: nextObservations,
      finalObservations: configuration.autoresetMode == .nextStep ? nextObservations : finalObservations)
    try result.check(
      environments: configuration.environments, policy,
      needsFinal: learner.estimator.needsValues,
      isResetting: progress.isResetting)
    if let gathered {
      try gather(result, in: gathered)
    } else {
      try record(result)
    }
    receiveObservations(result.nextObservations)
    phase = .acting
    guard gathered == nil else { return false }
    guard isFull() else {
      try reserveNextStep()
      return false
    }
    try learn()
    return true
  }

  /// Stores the observations to act on next. With `normalize_observations`, first merges them into the moments of the
  /// policy's normaliser, unless the agent gathers for a learner that does.
  ///
  /// - Parameter isNew: Whether an environment's observation is not in the moments yet.
  func receiveObservations(_ observations: UnsafePointer<Float>, merging isNew: (Int) -> Bool = { _ in true }) {
    rollout.masks.forget()
    gathered?.setObservations(observations)
    if configuration.normalizesObservations, gathered == nil {
      // An environment that is about to reset shows an observation that is not acted on.
      policy.normalizer?.merge(observations, rows: configuration.environments) {
        !progress.isResetting[$0] && isNew($0)
      }
    }
    setObservations(observations)
  }

  /// Stores the observations to act on next, raw and normalised.
  func setObservations(_ observations: UnsafePointer<Float>) {
    rawObservations.pointer.update(from: observations, count: rawObservations.count)
    rollout.setObservations(normalized(observations, rows: configuration.environments))
    guard policy.stateSize > 0 else { return }
    for environment in 0..<configuration.environments {
      rollout.currentStarts[environment] = progress.episodeSteps[environment] == 0 ? 1 : 0
    }
  }

  /// The normalised form of observations, of at most one row for each environment; valid until the next call.
  private func normalized(_ observations: UnsafePointer<Float>, rows: Int) -> UnsafePointer<Float> {
    guard let normalizer = policy.normalizer else { return observations }
    normalizer.normalize(observations, rows: rows, into: normalizedObservations.pointer)
    return UnsafePointer(normalizedObservations.pointer)
  }

  /// Writes the step into the rollout. If every environment only reset, the step is not recorded.
  func record(_ result: StepResult) throws(Refusal) {
    let (count, width) = (configuration.environments, policy.observationSize)
    let current = rollout.currentRow
    // On other ranks, environments may have moved.
    let isOnlyReset = !ranks.areSeveral && progress.isResetting.allSatisfy { $0 }
    rewardNormalizer?.observe(result.rewards, isActive: { !progress.isResetting[$0] }, hasEnded: result.hasEnded)
    for environment in 0..<count {
      let row = current + environment
      guard !progress.isResetting[environment] else {
        exclude(row)
        progress.restart(environment)
        quota?.begin(environment)
        continue
      }
      let ended = result.hasEnded(environment)
      rollout.rewards.pointer[row] = result.rewards[environment]
      rollout.terminated.pointer[row] = result.terminated[environment]
      rollout.truncated.pointer[row] = result.truncated[environment]
      rollout.finalValues.pointer[row] = 0
      rollout.episodeSteps.pointer[row] =
        quota?.includes(environment) ?? true ? progress.episodeSteps[environment] : Rollout.excluded
      if result.isTruncated(environment), let final = result.finalObservations {
        try bootstrap(row, final + environment * width, environment)
      } else if !ended, isAtHorizon(environment) {
        rollout.truncated.pointer[row] = 1
        try bootstrap(row, result.nextObservations + environment * width, environment)
        quota?.end(environment)
      }
      progress.step(environment, reward: result.rewards[environment], ended: ended)
      guard ended else { continue }
      quota?.end(environment)
      if configuration.autoresetMode == .nextStep {
        progress.setResetting(environment)
      } else {
        quota?.begin(environment)
      }
    }
    if !isOnlyReset {
      rollout.advance()
      memory.advance()
      progress.draws &+= 1
    }
  }

  private func exclude(_ row: Int) {
    rollout.rewards.pointer[row] = 0
    rollout.terminated.pointer[row] = 0
    rollout.truncated.pointer[row] = 0
    rollout.finalValues.pointer[row] = 0
    rollout.episodeSteps.pointer[row] = Rollout.excluded
  }

  /// Stores the value of the observation after a trajectory that was cut.
  private func bootstrap(_ row: Int, _ observation: UnsafePointer<Float>, _ environment: Int) throws(Refusal) {
    guard learner.estimator.needsValues else { return }
    let last = normalized(observation, rows: 1)
    rollout.keepFinalObservation(last, row: row)
    try parallelPolicy.value(
      PolicyRows(last, as: .normalized, count: 1, states: memory.nextState(of: environment)),
      by: policy.published.current, into: rollout.finalValues.pointer + row)
  }

  private func isAtHorizon(_ environment: Int) -> Bool {
    quota != nil && configuration.steps > 0 && Int(progress.episodeSteps[environment]) + 1 == configuration.steps
  }
}
