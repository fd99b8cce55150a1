// An unfinished rollout in a checkpoint. Only the rows that hold something are stored.

extension Rollout {
  /// Adds the steps so far, and the observations to act on next.
  ///
  /// - Parameter acted: 1 if the current step's actions are already drawn, else 0.
  func store(in file: inout TensorFile, acted: Int) throws(Refusal) {
    let known = steps * environments
    let drawn = known + acted * environments
    try storeObservations("rollout.observations", observations, rows: known + environments, in: &file)
    file.add("rollout.draws", draws, shape: [drawn, actionSize])
    file.add("rollout.log_probs", logProbabilities, shape: [drawn])
    file.add("rollout.rewards", rewards, shape: [known])
    file.add("rollout.terminated", terminated, shape: [known])
    file.add("rollout.truncated", truncated, shape: [known])
    file.add("rollout.final_values", finalValues, shape: [known])
    file.add("rollout.episode_steps", episodeSteps, shape: [known])
    if keepsFinalObservations {
      try storeObservations("rollout.final_observations", finalObservations, rows: known, in: &file)
    }
    if stateSize > 0 {
      file.add("rollout.states", states, shape: [begunSequences(steps + acted) * environments, stateSize])
      file.add("rollout.starts", starts, shape: [known + environments])
    }
    masks.store(in: &file, rows: known, acted: acted)
  }

  /// Adds stored observations as floats.
  private func storeObservations(
    _ name: String, _ stored: Buffer<Float>, rows: Int, in file: inout TensorFile
  ) throws(Refusal) {
    var observations = stored
    if packing.hasBytes {
      observations = try Buffer(count: rows * packing.columns)
      packing.unpack(stored.pointer, rows: rows, into: observations.pointer)
    }
    file.add(name, observations, shape: [rows, packing.columns])
  }

  /// Restores what ``store(in:acted:)`` wrote. If it throws, the rollout must not be used.
  ///
  /// - Parameter count: The steps in the file; the rollout has room for one more.
  func restore(from file: TensorFile, steps count: Int, acted: Int, _ policy: Policy) throws(Refusal) {
    let known = count * environments
    let drawn = known + acted * environments
    try restoreObservations("rollout.observations", into: observations, rows: known + environments, from: file, policy)
    try file.read("rollout.draws", into: draws, shape: [drawn, actionSize])
    try file.read("rollout.log_probs", into: logProbabilities, shape: [drawn])
    try file.read("rollout.rewards", into: rewards, shape: [known])
    try file.read("rollout.terminated", into: terminated, shape: [known])
    try file.read("rollout.truncated", into: truncated, shape: [known])
    try file.read("rollout.final_values", into: finalValues, shape: [known])
    try file.read("rollout.episode_steps", into: episodeSteps, shape: [known])
    if keepsFinalObservations {
      try restoreObservations("rollout.final_observations", into: finalObservations, rows: known, from: file, policy)
    }
    if stateSize > 0 {
      let sequences = begunSequences(count + acted)
      try file.read("rollout.states", into: states, shape: [sequences * environments, stateSize])
      try file.read("rollout.starts", into: starts, shape: [known + environments])
      try checkFinite(states.pointer, sequences * environments, stateSize, "rollout.states")
    }
    try masks.restore(from: file, rows: known, acted: acted, capacity: capacity, policy)
    try policy.check(draws.pointer, areDraws: true, rows: drawn, masks: masks.all)
    try checkFinite(logProbabilities.pointer, drawn, 1, "rollout.log_probs")
    try checkFinite(rewards.pointer, known, 1, "rollout.rewards")
    try checkFinite(finalValues.pointer, known, 1, "rollout.final_values")
    try checkEnds(known, policy.kernels)
    steps = count
  }

  private func restoreObservations(
    _ name: String, into stored: Buffer<Float>, rows: Int, from file: TensorFile, _ policy: Policy
  ) throws(Refusal) {
    let observations = try Buffer<Float>(count: rows * packing.columns)
    try file.read(name, into: observations, shape: [rows, packing.columns])
    try policy.check(observations: observations.pointer, rows: rows, name)
    packing.pack(observations.pointer, rows: rows, into: stored.pointer)
  }

  private func checkEnds(_ known: Int, _ kernels: KernelSet) throws(Refusal) {
    guard
      kernels.areFlags(terminated.pointer, known), kernels.areFlags(truncated.pointer, known),
      stateSize == 0 || kernels.areFlags(starts.pointer, known + environments)
    else { throw Refusal(.badFile, "its rollout has flags other than 0 and 1") }
  }

  /// How many sequences have begun in so many steps.
  private func begunSequences(_ steps: Int) -> Int {
    guard sequenceLength > 0 else { return min(steps, 1) }
    return (steps + sequenceLength - 1) / sequenceLength
  }
}

extension RolloutMasks {
  func store(in file: inout TensorFile, rows: Int, acted: Int) {
    guard let memory else { return }
    let stored = rows + (isSet || acted > 0 ? environments : 0)
    file.set("rollout.masks_set", isSet.description)
    file.add("rollout.masks", memory, shape: [stored, flags])
  }

  func restore(
    from file: TensorFile, rows: Int, acted: Int, capacity: Int, _ policy: Policy
  ) throws(Refusal) {
    let fields = Fields("rollout", in: file)
    guard fields.has("masks_set"), flags > 0 else { return }
    let wasSet: Bool = try fields.get("masks_set")
    let stored = rows + (wasSet || acted > 0 ? environments : 0)
    try start(rows: capacity * environments)
    guard let memory else { return }
    try file.read("rollout.masks", into: memory, shape: [stored, flags])
    for step in 0..<stored / environments {
      try inStep(ofRollout: step) { () throws(Refusal) in
        try policy.check(masks: memory.pointer + step * environments * flags, rows: environments)
      }
    }
    isSet = wasSet
  }
}
