extension Agent {
  /// Writes the agent with its policy, optimizer and counters, but without an unfinished rollout.
  package func save(_ path: String) throws(Refusal) { try stored().write(to: path) }

  /// Copies the bytes of the agent's file to `memory`, if given. Returns their number.
  package func save(into memory: UnsafeMutableRawBufferPointer?) throws(Refusal) -> Int {
    try stored().write(into: memory)
  }

  /// Everything except an unfinished rollout. Completes an unfinished update.
  func stored() throws(Refusal) -> TensorFile {
    try completeUpdate()
    var file = TensorFile()
    try policy.store(in: &file)
    var fields = Fields("agent", in: file)
    configuration.store(in: &fields)
    fields.set("has_begun", hasBegun)
    fields.set("updates", progress.updates)
    fields.set("timesteps", progress.timesteps)
    fields.set("draws", progress.draws)
    fields.set("episodes", progress.record.episodes)
    fields.set("optimizer_steps", learner.optimizer.steps)
    fields.set("rate_factor", learner.control.rateFactor)
    fields.set("penalty", learner.control.penalty)
    file = fields.file
    for state in learner.optimizer.rule.state {
      file.add("optimizer.\(state.name)", state.values, shape: [state.values.count])
    }
    try file.add("agent.ages", progress.episodeSteps)
    try file.add("agent.waiting", progress.isResetting.map { $0 ? 1 : 0 as UInt8 })
    try file.add("agent.running_returns", progress.record.runningReturns)
    try file.add("agent.running_lengths", progress.record.runningLengths.map(Int64.init))
    try file.add("agent.returns", progress.record.returns)
    try file.add("agent.lengths", progress.record.lengths.map(Int64.init))
    rewardNormalizer?.store(in: &file)
    if hasBegun {
      file.add("agent.observations", rawObservations, shape: [configuration.environments, policy.observationSize])
      if policy.stateSize > 0 { file.add("agent.states", memory.current, shape: memory.shape) }
    }
    return file
  }

  /// Reads an agent, which resumes from where it was saved.
  package static func load(_ path: String) throws(Refusal) -> Agent {
    try TensorFile.load(path) { file throws(Refusal) in try Agent.restored(from: file) }
  }

  /// Reads an agent from the bytes of its file.
  package static func load(bytes: UnsafeRawBufferPointer) throws(Refusal) -> Agent {
    try TensorFile.load(bytes: bytes) { file throws(Refusal) in try Agent.restored(from: file) }
  }

  /// The agent of a file, without its unfinished rollout.
  static func restored(from file: TensorFile) throws(Refusal) -> Agent {
    guard try FileContent(of: file) != .policy else { throw Refusal(.badFile, "it holds a policy, not an agent") }
    let fields = Fields("agent", in: file)
    let policy = try Policy(from: file)
    let agent: Agent
    do throws(Refusal) {
      var configuration = AgentConfiguration(.ppo)
      try configuration.load(from: fields, format: file.format)
      agent = try Agent(policy, configuration)
    } catch {
      throw error.reason == .invalidArgument
        ? Refusal(.badFile, "its agent has an invalid option: \(error.message)") : error
    }
    agent.learner.optimizer.steps = try fields.count("optimizer_steps")
    agent.learner.control.rateFactor = try fields.positive("rate_factor")
    agent.learner.control.penalty = try fields.positive("penalty")
    for (name, values) in agent.learner.optimizer.rule.state {
      try file.read("optimizer.\(name)", into: values, shape: [values.count])
      guard policy.kernels.isFinite(values.pointer, values.count) else {
        throw Refusal(.badFile, "its tensor \"optimizer.\(name)\" holds numbers that are not finite")
      }
    }
    agent.progress = try AgentProgress(from: file, fields, agent.configuration)
    try agent.rewardNormalizer?.restore(from: file)
    agent.progress.scheduleEnd = agent.configuration.totalTimesteps
    if try fields.get("has_begun", Bool.self) {
      let shape = [agent.configuration.environments, policy.observationSize]
      let observations = try Buffer<Float>(count: shape[0] * shape[1])
      try file.read("agent.observations", into: observations, shape: shape)
      guard policy.kernels.isFinite(observations.pointer, observations.count) else {
        throw Refusal(.badFile, "its observations are not finite")
      }
      if policy.stateSize > 0 {
        try file.read("agent.states", into: agent.memory.current, shape: agent.memory.shape)
        guard policy.kernels.isFinite(agent.memory.current.pointer, agent.memory.current.count) else {
          throw Refusal(.badFile, "its hidden states are not finite")
        }
      }
      agent.resume(at: observations.pointer)
    }
    return agent
  }
}

extension AgentProgress {
  fileprivate init(from file: TensorFile, _ fields: Fields, _ configuration: AgentConfiguration) throws(Refusal) {
    let (environments, window) = (configuration.environments, configuration.statisticsWindow)
    let episodeSteps = try file.vector("agent.ages", of: Int32.self, limit: environments)
    let waiting = try file.vector("agent.waiting", of: UInt8.self, limit: environments)
    let runningReturns = try file.vector("agent.running_returns", of: Double.self, limit: environments)
    let runningLengths = try file.vector("agent.running_lengths", of: Int64.self, limit: environments)
    let counts = [episodeSteps.count, waiting.count, runningReturns.count, runningLengths.count]
    let returns = try file.vector("agent.returns", of: Double.self, limit: window)
    let lengths = try file.vector("agent.lengths", of: Int64.self, limit: window)
    let episodes = try fields.count("episodes")
    guard
      counts.allSatisfy({ $0 == environments }), returns.count == lengths.count,
      Int64(returns.count) == min(episodes, Int64(window)), episodeSteps.allSatisfy({ $0 >= 0 }),
      (runningLengths + lengths).allSatisfy({ (0...Fields.largestCount).contains($0) })
    else { throw Refusal(.badFile, "its counters contradict each other") }
    self.init(
      updates: try fields.count("updates"), timesteps: try fields.count("timesteps"), draws: try fields.get("draws"),
      episodeSteps: episodeSteps,
      isResetting: waiting.map { $0 != 0 },
      record: EpisodeRecord(
        runningReturns: runningReturns, runningLengths: runningLengths.map(Int.init), returns: returns,
        lengths: lengths.map(Int.init), episodes: episodes, window: window))
  }
}
