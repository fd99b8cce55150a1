// Learns from a rollout that was gathered elsewhere.

extension Agent {
  /// Makes one update from given arrays. An unfinished rollout of the agent stays as it is.
  ///
  /// The steps are recorded as ``observe(rewards:terminated:truncated:nextObservations:finalObservations:)`` records
  /// them, and checked in the same way. An unfinished update is completed first. If it throws, the
  /// agent has not changed.
  package func learn(from given: GivenRollout) throws(Refusal) {
    try check(given)
    try completeUpdate()
    let recorder = try Agent(recorderFor: self, steps: given.steps)
    let observationMoments = configuration.normalizesObservations ? try policy.normalizer?.moments.copy() : nil
    let rewardMoments = try rewardNormalizer?.moments.copy()
    func learn() throws(Refusal) {
      do throws(Refusal) {
        try recorder.record(given)
        try recorder.checkRecord()
        try update(
          from: recorder.rollout, recorder.rewardNormalizer, trajectories: recorder.quota?.trajectories ?? 0,
          remaining: progress.remaining(at: timesteps))
      } catch {
        if let observationMoments { policy.normalizer?.restore(observationMoments) }
        if let rewardMoments { rewardNormalizer?.moments.set(to: rewardMoments) }
        throw error
      }
    }
    if let normalizer = policy.normalizer { try normalizer.publishingAtEnd(learn) } else { try learn() }
    progress.addTimesteps(recorder.timesteps)
    if rollout.steps == 0 { progress.rolloutBegan() }
  }

  private func check(_ given: GivenRollout) throws(Refusal) {
    try require(
      given.environments == configuration.environments, "n_envs", "\(given.environments)",
      "be the agent's, \(configuration.environments)")
    try require(given.steps, in: 1...mostGivenSteps, "n_steps")
    try checkAge(of: given)
    if given.masks != nil, maskSize == 0 {
      throw Refusal(.unsupported, "masks were given, but all parts of the policy's actions are continuous")
    }
    if let active = given.active {
      for step in 0..<given.steps {
        try inStep(ofRollout: step) { () throws(Refusal) in
          try checkFlags(active + step * given.environments, given.environments, 1, "active")
        }
      }
    }
    guard policy.stateSize > 0 else { return }
    try requireWholeSequences(given.steps, "")
    guard let states = given.states else { return }
    try checkFinite(states, given.environments, policy.stateSize, "states")
  }

  /// Refuses a rollout whose policy is too old, or newer than this agent's.
  private func checkAge(of given: GivenRollout) throws(Refusal) {
    guard let version = given.policyVersion else { return }
    try require(
      version <= progress.updates, "policy_version", "\(version)",
      "be at most the number of the agent's updates, \(progress.updates)")
    try require(
      progress.updates - version <= given.maxStaleness, "policy_version", "\(version)",
      "be at least \(progress.updates - given.maxStaleness): the agent has made \(progress.updates) updates, and max_staleness is \(given.maxStaleness)"
    )
  }

  private func requireWholeSequences(_ steps: Int, _ detail: String) throws(Refusal) {
    let length = configuration.sequenceLength
    try require(
      length == 0 || steps % length == 0, "n_steps", "\(steps)\(detail)",
      "be a multiple of sequence_length, which is \(length)")
  }

  // MARK: The recorder

  /// Records all steps.
  private func record(_ given: GivenRollout) throws(Refusal) {
    start(given)
    let width = policy.observationSize
    for step in 0..<given.steps {
      try inStep(ofRollout: step) { () throws(Refusal) in
        if step == 0 {
          try policy.check(observations: given.observations, rows: given.environments, "observations")
          receiveObservations(given.observations, merging: given.startsEpisode)
        }
        try act(as: given, step)
      }
      let result = given.result(step, width: width, isNextStep: configuration.autoresetMode == .nextStep)
      try inStep(ofRollout: step + 1) { () throws(Refusal) in
        try policy.check(observations: result.nextObservations, rows: given.environments, "observations")
      }
      try inStep(ofRollout: step) { () throws(Refusal) in
        try result.check(
          environments: given.environments, policy, needsFinal: learner.estimator.needsValues,
          isResetting: progress.isResetting)
        try record(result)
      }
      setResets(given, step + 1)
      receiveObservations(result.nextObservations)
    }
  }

  private func start(_ given: GivenRollout) {
    if let states = given.states { memory.states?.update(from: states, count: memory.current.count) }
    for environment in 0..<given.environments where !given.startsEpisode(environment) {
      progress.continueEpisode(environment)
    }
    setResets(given, 0)
    quota?.restart { given.startsEpisode($0) && !progress.isResetting[$0] }
  }

  private func setResets(_ given: GivenRollout, _ step: Int) {
    for environment in 0..<given.environments {
      guard let isReset = given.isReset(step, environment) else { continue }
      if progress.isResetting[environment], !isReset {
        // The step that reset the environment is not in the rollout.
        progress.restart(environment)
        quota?.begin(environment)
      } else {
        progress.setResetting(environment, isReset)
      }
    }
  }

  /// Takes the actions of a step from the given rollout, in place of ``act(_:)``.
  private func act(as given: GivenRollout, _ step: Int) throws(Refusal) {
    let (count, columns) = (given.environments, policy.actionSize)
    let (first, row) = (step * count, rollout.currentRow)
    if let masks = given.masks { try setCheckedMasks(masks + first * maskSize) }
    if let states = memory.states { rollout.keepStates(states) }
    let actions = given.actions + first * columns
    let rows = actingRows
    try checkFinite(actions, count, columns, given.areDraws ? "draws" : "actions")
    try policy.check(actions, areDraws: given.areDraws, rows: count, masks: rows.masks)
    let draws = rollout.draws.pointer + row * columns
    draws.update(from: actions, count: count * columns)
    if !given.areDraws { space.unsquash(draws, rows: count) }
    let logs = rollout.logProbabilities.pointer + row
    if given.logProbabilities == nil || policy.stateSize > 0 {
      try policy.logProbability(rows, draws, areDraws: true, into: logs)
    }
    guard let known = given.logProbabilities.map({ $0 + first }) else { return }
    let largest = space.largestLogProbability
    for environment in 0..<count where !progress.isResetting[environment] {
      guard known[environment].isFinite else {
        throw Refusal(
          .notFinite, "log_probs[\(environment)] is \(known[environment]); it must be finite", row: environment)
      }
      try require(
        known[environment] <= largest, "log_probs[\(environment)]", "\(known[environment])",
        "be at most 0, or \(largest) with errors of rounding, because all actions are discrete", row: environment)
      logs[environment] = known[environment]
    }
  }

  /// Refuses a record that cannot be learned from.
  private func checkRecord() throws(Refusal) {
    guard timesteps > 0 else {
      throw Refusal(.invalidArgument, "active is 0 in every row; at least one row must be learned from")
    }
    if policy.stateSize > 0 { try requireWholeSequences(rollout.steps, ", counting steps with an active row") }
    guard let lack = quota?.firstLack else { return }
    throw Refusal(
      .invalidArgument,
      "environment \(lack.environment) has \(lack.completed) whole trajectories in the rollout; it must have n_episodes, which is \(configuration.episodes)"
    )
  }
}

extension GivenRollout {
  /// The results of a step. If environments reset in the step after an episode's end, the next observation is the
  /// episode's last one.
  fileprivate func result(_ step: Int, width: Int, isNextStep: Bool) -> StepResult {
    let first = step * environments
    let next = observations + (first + environments) * width
    return StepResult(
      rewards: rewards + first, terminated: terminated + first, truncated: truncated + first, nextObservations: next,
      finalObservations: finalObservations.map { $0 + first * width } ?? (isNextStep ? next : nil))
  }
}
