// What a checkpoint holds of an agent in addition to the agent's own file: the unfinished rollout and all that the next
// call depends on.

extension Agent {
  private static var prefix: String { FileContent.checkpointPrefix }

  /// 1 between `act` and `observe`, else 0.
  private var acted: Int { phase == .observing ? 1 : 0 }

  func storeRollout(in file: inout TensorFile) throws(Refusal) {
    var fields = Fields(Agent.prefix, in: file)
    fields.set("has_acted", phase == .observing)
    fields.set("has_trained", hasTrained)
    fields.set("rollout_steps", hasBegun ? rollout.steps : 0)
    fields.set("rollout_start", progress.rolloutStart)
    fields.set("schedule_end", progress.scheduleEnd)
    if let learningRate = learner.host.learningRate { fields.set("host_learning_rate", learningRate) }
    if let clipRange = learner.host.clipRange { fields.set("host_clip_range", clipRange) }
    if let clipRange = learner.host.clipRangeValue { fields.set("host_clip_range_value", clipRange) }
    file = fields.file
    try file.add("checkpoint.last_update", UpdateStatistics.fields.map { lastUpdate[keyPath: $0] })
    guard hasBegun else { return }
    try rollout.store(in: &file, acted: acted)
    if acted == 1, policy.stateSize > 0 { file.add("checkpoint.next_states", memory.next, shape: memory.shape) }
    guard let quota else { return }
    try file.add("checkpoint.completed", quota.completed.map(Int64.init))
    try file.add("checkpoint.running", quota.running.map { $0 ? 1 : 0 as UInt8 })
  }

  /// Restores what ``storeRollout(in:)`` wrote, after the agent itself. If it throws, the agent must not be used.
  func restoreRollout(from file: TensorFile) throws(Refusal) {
    let fields = Fields(Agent.prefix, in: file)
    let steps = Int(try fields.count("rollout_steps"))
    let hasActed: Bool = try fields.get("has_acted")
    progress.scheduleEnd = try fields.count("schedule_end", limit: .max)
    progress.rolloutStart = try fields.count("rollout_start")
    let numbers = UpdateStatistics.fields
    let last = try file.vector("checkpoint.last_update", of: Double.self, limit: numbers.count)
    guard last.count == numbers.count, progress.rolloutStart <= timesteps, hasBegun || (steps == 0 && !hasActed) else {
      throw Refusal(.badFile, "its counters contradict each other")
    }
    for (field, number) in zip(numbers, last) { lastUpdate[keyPath: field] = number }
    try restoreHostNumbers(from: fields)
    guard hasBegun else { return }
    try reserve(steps: steps)
    phase = hasActed ? .observing : .acting
    do throws(Refusal) {
      try rollout.restore(from: file, steps: steps, acted: acted, policy)
      if hasActed, policy.stateSize > 0 {
        try file.read("checkpoint.next_states", into: memory.next, shape: memory.shape)
        try checkFinite(memory.next.pointer, memory.shape[0], memory.shape[1], "next_states")
      }
    } catch {
      guard error.reason == .invalidArgument || error.reason == .notFinite else { throw error }
      throw Refusal(.badFile, "its rollout is invalid: \(error.message)")
    }
    try restoreQuota(from: file)
  }

  /// Whether the saved agent had moved an environment by ``train(in:timesteps:progress:)``.
  static func hasTrained(in file: TensorFile) throws(Refusal) -> Bool {
    try Fields(prefix, in: file).get("has_trained")
  }

  /// Steps in the unfinished rollout of a checkpoint, and whether actions of a further one are drawn.
  static func rolloutLength(in file: TensorFile) throws(Refusal) -> (steps: Int64, hasActed: Bool) {
    let fields = Fields(prefix, in: file)
    return (try fields.count("rollout_steps"), try fields.get("has_acted"))
  }

  private func restoreHostNumbers(from fields: Fields) throws(Refusal) {
    do throws(Refusal) {
      if fields.has("host_learning_rate") { try setLearningRate(fields.get("host_learning_rate")) }
      if fields.has("host_clip_range") { try setClipRange(fields.get("host_clip_range")) }
      if fields.has("host_clip_range_value") { try setClipRangeValue(fields.get("host_clip_range_value")) }
    } catch {
      throw Refusal(.badFile, "its number of the host is invalid: \(error.message)")
    }
  }

  /// Makes room for the steps of a file, and for one more.
  private func reserve(steps: Int) throws(Refusal) {
    let most = quota == nil ? configuration.steps : Limits.rows / configuration.environments
    guard steps < most else {
      throw Refusal(.badFile, "its rollout has \(steps) steps; an unfinished one has fewer than \(most)")
    }
    guard steps >= rollout.capacity else { return }
    try rollout.reserve(steps: steps + 1)
  }

  private func restoreQuota(from file: TensorFile) throws(Refusal) {
    guard var quota else { return }
    let count = configuration.environments
    let completed = try file.vector("checkpoint.completed", of: Int64.self, limit: count)
    let running = try file.vector("checkpoint.running", of: UInt8.self, limit: count)
    guard
      completed.count == count, running.count == count,
      completed.allSatisfy({ (0...Int64(quota.target)).contains($0) }), trajectoriesAreWhole
    else { throw Refusal(.badFile, "its trajectories contradict each other") }
    quota.restore(completed: completed.map(Int.init), running: running.map { $0 != 0 })
    self.quota = quota
  }

  /// Whether each trajectory of the rollout counts its steps from 0.
  private var trajectoriesAreWhole: Bool {
    let (count, numbers) = (configuration.environments, rollout.episodeSteps.pointer)
    return (0..<rollout.rows).allSatisfy { row in
      let before = row < count ? Rollout.excluded : numbers[row - count]
      return numbers[row] == Rollout.excluded || numbers[row] == 0
        || (before != Rollout.excluded && (numbers[row] == before &+ 1 || (numbers[row] == .max && before == .max)))
    }
  }
}

extension UpdateStatistics {
  /// All of them, in the order of the file.
  fileprivate static var fields: [WritableKeyPath<UpdateStatistics, Double>] {
    [
      \.policyLoss, \.valueLoss, \.entropy, \.approximateKL, \.clipFraction, \.explainedVariance, \.gradientNorm,
      \.learningRate, \.clipRange, \.entropyCoefficient, \.klCoefficient, \.gradientSignalToNoise, \.seconds,
    ]
  }
}
