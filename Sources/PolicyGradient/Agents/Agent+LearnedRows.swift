// What the latest update learned from, for those who watch an agent.

/// The rows of the latest update, and what it computed for each. Row `step × environments + environment` is one step of
/// one environment. The pointers are valid until the agent acts again.
package struct LearnedRows {
  package let steps: Int
  package let environments: Int
  package let draws: UnsafePointer<Float>
  /// log π(a|s) of the policy that acted.
  package let logProbabilities: UnsafePointer<Float>
  /// As the environments gave them.
  package let rewards: UnsafePointer<Float>
  package let terminated: UnsafePointer<UInt8>
  package let truncated: UnsafePointer<UInt8>
  /// Steps since the trajectory began; -1 in rows that were not learned from.
  package let episodeSteps: UnsafePointer<Int32>
  /// Rows × ``ActionSpace/flags``; `nil` if no mask was ever set.
  package let masks: UnsafePointer<UInt8>?
  /// V(s) when the advantages were estimated; `nil` if the estimator uses no values, as ``targets``.
  package let values: UnsafePointer<Float>?
  /// Ψ, before it is normalised within minibatches.
  package let advantages: UnsafePointer<Float>
  /// What the value function was fitted to.
  package let targets: UnsafePointer<Float>?
}

extension Agent {
  /// - Throws: `.badState` before the first update, and once the agent has acted again.
  package func learnedRows() throws(Refusal) -> LearnedRows {
    let (steps, rollout, table) = (try learnedSteps(), learner.update.rollout, learner.table)
    let hasValues = learner.estimator.needsValues
    return LearnedRows(
      steps: steps, environments: rollout.environments, draws: UnsafePointer(rollout.draws.pointer),
      logProbabilities: UnsafePointer(rollout.logProbabilities.pointer),
      rewards: UnsafePointer(rollout.rewards.pointer), terminated: UnsafePointer(rollout.terminated.pointer),
      truncated: UnsafePointer(rollout.truncated.pointer), episodeSteps: UnsafePointer(rollout.episodeSteps.pointer),
      masks: rollout.masks.all, values: hasValues ? UnsafePointer(table.values.pointer) : nil,
      advantages: UnsafePointer(table.advantages.pointer),
      targets: hasValues ? UnsafePointer(table.targets.pointer) : nil)
  }

  /// Writes the observations of ``learnedRows()``, rows × observation size, normalised as the networks read them.
  package func copyLearnedObservations(into observations: UnsafeMutablePointer<Float>) throws(Refusal) {
    let (steps, rollout) = (try learnedSteps(), learner.update.rollout)
    rollout.copyObservations(steps: steps, into: observations)
  }

  private func learnedSteps() throws(Refusal) -> Int {
    guard learner.learnedSteps > 0 else {
      throw Refusal(
        .badState,
        progress.updates == 0
          ? "the agent has not learned yet" : "the agent has acted since its latest update, or is making another")
    }
    return learner.learnedSteps
  }
}
