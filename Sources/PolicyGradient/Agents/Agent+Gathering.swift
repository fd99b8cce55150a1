// An agent that acts for a learner elsewhere.

extension Agent {
  /// Keeps the next rollouts for ``gatheredRollout()`` in place of learning from them. Clears the rollout and discards
  /// actions whose results were not observed; episodes and the memory continue.
  ///
  /// - Parameters:
  ///   - steps: Steps of a rollout; 0 to learn again.
  ///   - firstEnvironment: The number of the agent's first environment in the keys of draws.
  package func setGathering(steps: Int, firstEnvironment: Int) throws(Refusal) {
    try require(steps, in: 0...mostGivenSteps, "n_steps")
    var gathered: GatheredRollout?
    if steps > 0 {
      try require(firstEnvironment, in: 0...Limits.environments - configuration.environments, "first_env")
      gathered = try GatheredRollout(
        steps: steps, firstEnvironment: firstEnvironment, environments: configuration.environments, for: policy)
    }
    self.gathered = gathered
    guard hasBegun else { return }
    discardAction()
    discardRollout()
    gathered?.setObservations(rawObservations.pointer)
  }

  /// What the agent has gathered.
  package func gatheredRollout() throws(Refusal) -> GatheredRollout {
    guard let gathered else {
      throw Refusal(.badState, "the agent learns from its rollouts; call set_gathering to keep them")
    }
    return gathered
  }

  /// The most steps of a given or gathered rollout. With the observations after the last step, its arrays then stay
  /// within the limits of all arrays.
  package var mostGivenSteps: Int {
    let widest = max(policy.observationSize, policy.actionSize, maskSize) * configuration.environments
    return min(Limits.rows / configuration.environments, Limits.elements / widest) - 1
  }

  /// Stores a step in place of ``record(_:)``. Episodes count, but no timesteps: the learner counts those. No moments
  /// change either.
  func gather(_ result: StepResult, in gathered: GatheredRollout) throws(Refusal) {
    let environments = 0..<configuration.environments
    let needsFinal = learner.estimator.needsValues
    try gathered.reserve(
      masks: rollout.masks.all != nil,
      finalObservations: needsFinal && environments.contains { !progress.isResetting[$0] && result.isTruncated($0) })
    if gathered.isFull { gathered.restart() }
    // If every environment was only resetting, the step is not recorded.
    if !progress.isResetting.allSatisfy({ $0 }) {
      if gathered.steps == 0 {
        gathered.begin(states: memory.states.map { UnsafePointer($0) }) { progress.episodeSteps[$0] == 0 }
      }
      gathered.append(rollout, result, isResetting: { progress.isResetting[$0] }, needsFinal: needsFinal)
      memory.advance()
      progress.draws &+= 1
      if gathered.isFull { gatheredRollouts &+= 1 }
    }
    for environment in environments {
      guard !progress.isResetting[environment] else {
        progress.restart(environment)
        continue
      }
      let ended = result.hasEnded(environment)
      progress.step(environment, reward: result.rewards[environment], ended: ended, isCounted: false)
      if ended, configuration.autoresetMode == .nextStep { progress.setResetting(environment) }
    }
  }
}
