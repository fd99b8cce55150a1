import CPGrad
import PolicyGradient

@_cdecl("pgrad_agent_config_init") @implementation
public func pgrad_agent_config_init(
  _ config: UnsafeMutablePointer<pgrad_agent_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_agent_config_algorithm") @implementation
public func pgrad_agent_config_algorithm(
  _ config: UnsafeMutablePointer<pgrad_agent_config>!, _ algorithm: Int32
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let old = try readOptions(UnsafePointer(config), defaults: .defaults, "config")
    var new = old
    new.set(
      AgentConfiguration(
        try knownCase(algorithm, "algorithm", "a pgrad_algorithm, 1 to \(AlgorithmKind.allCases.count)")))
    new.n_envs = old.n_envs
    new.total_timesteps = old.total_timesteps
    new.seed = old.seed
    new.autoreset_mode = old.autoreset_mode
    new.threads = old.threads
    new.update_mode = old.update_mode
    new.stats_window_size = old.stats_window_size
    try writeOptions(config, Int(old.struct_size), with: new, "config")
  }
}

@_cdecl("pgrad_agent_create") @implementation
public func pgrad_agent_create(
  _ agent: UnsafeMutablePointer<OpaquePointer?>!, _ policy: OpaquePointer!,
  _ config: UnsafePointer<pgrad_agent_config>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(agent, "agent")
    let config = try readOptions(config, defaults: .defaults, "config")
    // If no handle is left, the agent has already given its policy a normaliser, which is then removed.
    try handle.policy.restoringNormalizer { () throws(Refusal) in
      try returnHandle(try Agent(handle.policy, config.configuration()), to: place)
    }
  }
}

@_cdecl("pgrad_agent_destroy") @implementation
public func pgrad_agent_destroy(_ agent: OpaquePointer!) {
  Handles.destroy(agent, Agent.self)
}

@_cdecl("pgrad_agent_resize") @implementation
public func pgrad_agent_resize(
  _ resized: UnsafeMutablePointer<OpaquePointer?>!, _ agent: OpaquePointer!, _ n_envs: Int64
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let place = try nonNull(resized, "resized")
    try require(n_envs, in: 1...Int64(Limits.environments), "n_envs")
    try returnHandle(try agent.resized(to: Int(n_envs)), to: place)
  }
}

@_cdecl("pgrad_agent_describe") @implementation
public func pgrad_agent_describe(
  _ agent: OpaquePointer!, _ config: UnsafeMutablePointer<pgrad_agent_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let agent: Agent = try borrow(agent, "agent")
    var result = pgrad_agent_config.defaults
    result.set(agent.configuration)
    try writeOptions(config, struct_size, with: result, "config")
  }
}

@_cdecl("pgrad_agent_begin") @implementation
public func pgrad_agent_begin(_ agent: OpaquePointer!, _ observations: UnsafePointer<Float>!) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.begin(nonNull(observations, "observations"))
  }
}

@_cdecl("pgrad_agent_set_total_timesteps") @implementation
public func pgrad_agent_set_total_timesteps(_ agent: OpaquePointer!, _ total_timesteps: Int64) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.setTotalTimesteps(total_timesteps)
  }
}

@_cdecl("pgrad_agent_set_learning_rate") @implementation
public func pgrad_agent_set_learning_rate(_ agent: OpaquePointer!, _ learning_rate: Double) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.setLearningRate(learning_rate)
  }
}

@_cdecl("pgrad_agent_set_clip_range") @implementation
public func pgrad_agent_set_clip_range(_ agent: OpaquePointer!, _ clip_range: Double) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.setClipRange(clip_range)
  }
}

@_cdecl("pgrad_agent_set_clip_range_value") @implementation
public func pgrad_agent_set_clip_range_value(_ agent: OpaquePointer!, _ clip_range_value: Double) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.setClipRangeValue(clip_range_value)
  }
}

@_cdecl("pgrad_agent_set_masks") @implementation
public func pgrad_agent_set_masks(_ agent: OpaquePointer!, _ masks: UnsafePointer<UInt8>!) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.setMasks(nonNull(masks, "masks"))
  }
}

@_cdecl("pgrad_agent_act") @implementation
public func pgrad_agent_act(_ agent: OpaquePointer!, _ actions: UnsafeMutablePointer<Float>!) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.act(nonNull(actions, "actions"))
  }
}

@_cdecl("pgrad_agent_observe") @implementation
public func pgrad_agent_observe(
  _ agent: OpaquePointer!, _ rewards: UnsafePointer<Float>!, _ terminated: UnsafePointer<UInt8>!,
  _ truncated: UnsafePointer<UInt8>!, _ next_observations: UnsafePointer<Float>!,
  _ final_observations: UnsafePointer<Float>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.observe(
      rewards: nonNull(rewards, "rewards"), terminated: nonNull(terminated, "terminated"),
      truncated: nonNull(truncated, "truncated"), nextObservations: nonNull(next_observations, "next_observations"),
      finalObservations: final_observations)
  }
}

@_cdecl("pgrad_agent_update_for") @implementation
public func pgrad_agent_update_for(
  _ agent: OpaquePointer!, _ microseconds: Int64, _ done: UnsafeMutablePointer<Int32>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try require(microseconds, in: 0...Int64.max, "microseconds")
    let isDone = try agent.continueUpdate(seconds: Double(microseconds) * 1e-6)
    done?.pointee = isDone ? 1 : 0
  }
}

@_cdecl("pgrad_agent_statistics") @implementation
public func pgrad_agent_statistics(
  _ agent: OpaquePointer!, _ statistics: UnsafeMutablePointer<pgrad_statistics>!, _ struct_size: Int
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try writeOptions(statistics, struct_size, with: pgrad_statistics(agent.statistics), "statistics")
  }
}

@_cdecl("pgrad_agent_policy") @implementation
public func pgrad_agent_policy(
  _ agent: OpaquePointer!, _ policy: UnsafeMutablePointer<OpaquePointer?>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let agent: Agent = try borrow(agent, "agent")
    try returnHandle(PolicyHandle(agent.policy), to: nonNull(policy, "policy"))
  }
}

@_cdecl("pgrad_agent_save") @implementation
public func pgrad_agent_save(_ agent: OpaquePointer!, _ path: UnsafePointer<CChar>!) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.save(filePath(path))
  }
}

@_cdecl("pgrad_agent_load") @implementation
public func pgrad_agent_load(
  _ agent: UnsafeMutablePointer<OpaquePointer?>!, _ path: UnsafePointer<CChar>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(agent, "agent")
    try returnHandle(try Agent.load(filePath(path)), to: place)
  }
}

@_cdecl("pgrad_progress_stop") @implementation
public func pgrad_progress_stop(
  _ context: UnsafeMutableRawPointer!, _ statistics: UnsafePointer<pgrad_statistics>!
) -> Int32 { 1 }

@_cdecl("pgrad_train_for") @implementation
public func pgrad_train_for(
  _ agent: OpaquePointer!, _ env: OpaquePointer!, _ goal: Int64, _ microseconds: Int64,
  _ has_learned: UnsafeMutablePointer<Int32>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let env: EnvironmentHandle = try borrow(env, "env")
    try require(microseconds, in: 0...Int64.max, "microseconds")
    try env.access.run("env") { () throws(Refusal) in
      let hasLearned = try agent.train(in: env.environment, goal: goal, seconds: Double(microseconds) * 1e-6)
      has_learned?.pointee = hasLearned ? 1 : 0
    }
  }
}

@_cdecl("pgrad_train") @implementation
public func pgrad_train(
  _ agent: OpaquePointer!, _ env: OpaquePointer!, _ total_timesteps: Int64, _ progress: pgrad_progress!,
  _ context: UnsafeMutableRawPointer!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let env: EnvironmentHandle = try borrow(env, "env")
    let progress: pgrad_progress? = progress
    try env.access.run("env") { () throws(Refusal) in
      try agent.train(in: env.environment, timesteps: total_timesteps) { statistics in
        guard let progress else { return true }
        var statistics = pgrad_statistics(statistics)
        return progress(context, &statistics) == 0
      }
    }
  }
}

extension Agent: ExclusivelyUsed {
  var access: ExclusiveAccess { policy.access }
}

extension pgrad_statistics {
  fileprivate init(_ statistics: Statistics) {
    self.init()
    struct_size = UInt32(MemoryLayout<pgrad_statistics>.size)
    updates = statistics.updates
    timesteps = statistics.timesteps
    episodes = statistics.episodes
    mean_return = statistics.meanReturn
    mean_length = statistics.meanLength
    policy_loss = statistics.update.policyLoss
    value_loss = statistics.update.valueLoss
    entropy = statistics.update.entropy
    approx_kl = statistics.update.approximateKL
    clip_fraction = statistics.update.clipFraction
    explained_variance = statistics.update.explainedVariance
    gradient_norm = statistics.update.gradientNorm
    learning_rate = statistics.update.learningRate
    clip_range = statistics.update.clipRange
    update_seconds = statistics.update.seconds
    entropy_coefficient = statistics.update.entropyCoefficient
    kl_coefficient = statistics.update.klCoefficient
    gradient_snr = statistics.update.gradientSignalToNoise
    timesteps_per_second = statistics.timestepsPerSecond
  }
}

@_cdecl("pgrad_agent_set_reduce") @implementation
public func pgrad_agent_set_reduce(
  _ agent: OpaquePointer!, _ rank: Int32, _ ranks: Int32, _ callback: pgrad_reduce!, _ context: UnsafeMutableRawPointer!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let callback: pgrad_reduce? = callback
    guard let callback else { return agent.leaveRanks() }
    let access = agent.access
    try agent.join(rank: Int(rank), of: Int(ranks), version: PGRAD_VERSION) { numbers, count, areDoubles in
      let type = areDoubles ? PGRAD_FLOAT64 : PGRAD_FLOAT32
      return access.suspended { callback(context, numbers, Int64(count), Int32(type.rawValue)) == 0 }
    }
  }
}
