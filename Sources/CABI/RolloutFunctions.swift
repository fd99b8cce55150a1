import CPGrad
import PolicyGradient

@_cdecl("pgrad_rollout_init") @implementation
public func pgrad_rollout_init(_ rollout: UnsafeMutablePointer<pgrad_rollout>!, _ struct_size: Int) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(rollout, struct_size, with: pgrad_rollout(), "rollout")
  }
}

@_cdecl("pgrad_agent_learn") @implementation
public func pgrad_agent_learn(
  _ agent: OpaquePointer!, _ rollout: UnsafePointer<pgrad_rollout>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let given = try readOptions(rollout, defaults: pgrad_rollout(), "rollout")
    try agent.learn(from: given.checked(for: agent))
  }
}

extension pgrad_rollout {
  /// Checks sizes, pointers and flags.
  fileprivate func checked(for agent: Agent) throws(Refusal) -> GivenRollout {
    try require(reserved, in: 0...0, "rollout.reserved")
    let environments = agent.configuration.environments
    try require(n_envs == environments, "rollout.n_envs", "\(n_envs)", "be the agent's, \(environments)")
    let policy = agent.policy
    let widest = max(policy.observationSize, policy.actionSize, agent.maskSize) * environments
    // One more for the observations after the last step.
    let most = min(Limits.rows / environments, Limits.elements / widest) - 1
    try require(n_steps >= 1 && n_steps <= most, "rollout.n_steps", "\(n_steps)", "lie in [1, \(most)]")
    let rows = Int(n_steps) * environments
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
    if let masks {
      try checkFlags(masks, rows, agent.maskSize, "masks")
      given.masks = masks
    }
    if let episode_starts {
      try checkFlags(episode_starts, environments, 1, "episode_starts")
      given.starts = episode_starts
    }
    if let active {
      try checkFlags(active, rows, 1, "active")
      given.active = active
    }
    return given
  }
}
