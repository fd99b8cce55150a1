import CPGrad
import PolicyGradient

@_cdecl("pgrad_rollout_init") @implementation
public func pgrad_rollout_init(_ rollout: UnsafeMutablePointer<pgrad_rollout>!, _ struct_size: Int) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(rollout, struct_size, with: .defaults, "rollout")
  }
}

@_cdecl("pgrad_agent_learn") @implementation
public func pgrad_agent_learn(
  _ agent: OpaquePointer!, _ rollout: UnsafePointer<pgrad_rollout>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let given = try readOptions(rollout, defaults: .defaults, "rollout")
    try agent.learn(from: given.checked(for: agent))
  }
}

@_cdecl("pgrad_agent_set_gathering") @implementation
public func pgrad_agent_set_gathering(
  _ agent: OpaquePointer!, _ n_steps: Int64, _ first_env: Int64
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.setGathering(steps: Int(n_steps), firstEnvironment: Int(first_env))
  }
}

@_cdecl("pgrad_agent_rollout") @implementation
public func pgrad_agent_rollout(
  _ agent: OpaquePointer!, _ rollout: UnsafeMutablePointer<pgrad_rollout>!, _ struct_size: Int
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try writeOptions(rollout, struct_size, with: pgrad_rollout(agent.gatheredRollout().arrays), "rollout")
  }
}

@_cdecl("pgrad_agent_learned_rows") @implementation
public func pgrad_agent_learned_rows(
  _ agent: OpaquePointer!, _ rows: UnsafeMutablePointer<pgrad_learned_rows>!, _ struct_size: Int
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try writeOptions(rows, struct_size, with: pgrad_learned_rows(agent.learnedRows()), "rows")
  }
}

@_cdecl("pgrad_agent_learned_observations") @implementation
public func pgrad_agent_learned_observations(
  _ agent: OpaquePointer!, _ observations: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.copyLearnedObservations(into: nonNull(observations, "observations"))
  }
}

extension pgrad_learned_rows {
  fileprivate init(_ rows: LearnedRows) {
    self.init()
    n_steps = Int64(rows.steps)
    n_envs = Int64(rows.environments)
    draws = rows.draws
    log_probs = rows.logProbabilities
    rewards = rows.rewards
    terminated = rows.terminated
    truncated = rows.truncated
    masks = rows.masks
    episode_steps = rows.episodeSteps
    values = rows.values
    advantages = rows.advantages
    targets = rows.targets
  }
}

extension pgrad_rollout {
  fileprivate static var defaults: pgrad_rollout {
    var rollout = pgrad_rollout()
    rollout.policy_version = -1
    rollout.max_staleness = .max
    return rollout
  }

  fileprivate init(_ gathered: GivenRollout) {
    self = .defaults
    n_steps = Int64(gathered.steps)
    n_envs = Int64(gathered.environments)
    observations = gathered.observations
    draws = gathered.actions
    log_probs = gathered.logProbabilities
    rewards = gathered.rewards
    terminated = gathered.terminated
    truncated = gathered.truncated
    final_observations = gathered.finalObservations
    masks = gathered.masks
    states = gathered.states
    episode_starts = gathered.starts
    active = gathered.active
  }

  /// Checks sizes, pointers and the starts of episodes. The engine checks what has a step.
  fileprivate func checked(for agent: Agent) throws(Refusal) -> GivenRollout {
    try require(reserved, in: 0...0, "rollout.reserved")
    let environments = agent.configuration.environments
    try require(n_envs == environments, "rollout.n_envs", "\(n_envs)", "be the agent's, \(environments)")
    try require(n_steps, in: 1...Int64(agent.mostGivenSteps), "rollout.n_steps")
    try require(policy_version, in: -1...Int64.max, "rollout.policy_version")
    try require(max_staleness, in: 0...Int64.max, "rollout.max_staleness")
    try require(
      (actions == nil) != (draws == nil), "rollout.actions", actions == nil ? "NULL, as is draws" : "given with draws",
      "be given, or draws, but not both")
    var given = GivenRollout(
      steps: Int(n_steps), environments: environments, observations: try nonNull(observations, "rollout.observations"),
      actions: try nonNull(actions ?? draws, "rollout.actions"), areDraws: actions == nil,
      rewards: try nonNull(rewards, "rollout.rewards"), terminated: try nonNull(terminated, "rollout.terminated"),
      truncated: try nonNull(truncated, "rollout.truncated"))
    given.logProbabilities = log_probs
    given.finalObservations = final_observations
    given.states = states
    given.masks = masks
    given.active = active
    if let episode_starts {
      try checkFlags(episode_starts, environments, 1, "episode_starts")
      given.starts = episode_starts
    }
    given.policyVersion = policy_version >= 0 ? policy_version : nil
    given.maxStaleness = max_staleness
    return given
  }
}
