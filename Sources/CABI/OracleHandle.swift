import CPGrad
import Oracle
import PolicyGradient

/// The object behind a `pgrad_mdp` handle.
final class MDPHandle {
  let mdp: TabularMDP
  private let initial: CArray<Double>
  private let terminal: CArray<UInt8>
  private let observations: CArray<Float>
  private let parts: CArray<pgrad_action_part>

  init(_ mdp: TabularMDP) {
    self.mdp = mdp
    initial = CArray(mdp.initial)
    terminal = CArray(mdp.isTerminal.map { $0 ? 1 : 0 })
    observations = CArray(mdp.observations)
    parts = CArray(mdp.choices.parts.map { pgrad_action_part($0) })
  }

  var config: pgrad_mdp_config {
    var config = pgrad_mdp_config()
    config.rewards_by_next_state = mdp.outline.rewardsDependOnNextState ? 1 : 0
    config.state_count = Int64(mdp.states)
    config.action_count = Int64(mdp.actions)
    config.transitions = mdp.transitions
    config.rewards = mdp.rewards
    config.initial = initial.pointer
    config.terminal = terminal.pointer
    config.observations = observations.pointer
    config.observation_size = Int64(mdp.observationSize)
    config.parts = parts.pointer
    config.part_count = parts.count
    config.gamma = mdp.gamma
    config.horizon = Int64(mdp.outline.horizon)
    return config
  }
}

extension pgrad_mdp_config {
  static var defaults: pgrad_mdp_config {
    var config = pgrad_mdp_config()
    config.gamma = 0.99
    return config
  }

  /// The MDP with these tables.
  func mdp() throws(Refusal) -> TabularMDP {
    var outline = MDPOutline(states: Int(state_count), actions: Int(action_count), gamma: gamma)
    outline.horizon = Int(horizon)
    outline.rewardsDependOnNextState = try zeroOrOne(rewards_by_next_state, "rewards_by_next_state")
    if observations != nil { outline.observationSize = Int(observation_size) }
    if parts != nil { outline.parts = try actionParts(parts, part_count) }
    try outline.validate()
    return try TabularMDP(
      outline, transitions: nonNull(transitions, "transitions"), rewards: nonNull(rewards, "rewards"),
      initial: nonNull(initial, "initial"), terminal: terminal, observations: observations)
  }
}
