import CPGrad
import Oracle
import PolicyGradient

@_cdecl("pgrad_mdp_config_init") @implementation
public func pgrad_mdp_config_init(
  _ config: UnsafeMutablePointer<pgrad_mdp_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_mdp_create") @implementation
public func pgrad_mdp_create(
  _ mdp: UnsafeMutablePointer<OpaquePointer?>!, _ config: UnsafePointer<pgrad_mdp_config>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(mdp, "mdp")
    try returnHandle(MDPHandle(readOptions(config, defaults: .defaults, "config").mdp()), to: place)
  }
}

@_cdecl("pgrad_mdp_create_named") @implementation
public func pgrad_mdp_create_named(
  _ mdp: UnsafeMutablePointer<OpaquePointer?>!, _ name: UnsafePointer<CChar>!, _ gamma: Double, _ horizon: Int64
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(mdp, "mdp")
    let name = String(cString: try nonNull(name, "name"))
    guard let standard = StandardMDP(rawValue: name) else {
      let known = StandardMDP.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(.invalidArgument, "name is \"\(name.prefix(64))\"; it must be one of \(known)")
    }
    try returnHandle(MDPHandle(standard.make(gamma: gamma, horizon: Int(horizon))), to: place)
  }
}

@_cdecl("pgrad_mdp_create_garnet") @implementation
public func pgrad_mdp_create_garnet(
  _ mdp: UnsafeMutablePointer<OpaquePointer?>!, _ state_count: Int64, _ action_count: Int64, _ branching: Int64,
  _ seed: UInt64, _ gamma: Double, _ horizon: Int64
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(mdp, "mdp")
    let garnet = try makeGarnet(
      states: Int(state_count), actions: Int(action_count), branching: Int(branching), seed: seed, gamma: gamma,
      horizon: Int(horizon))
    try returnHandle(MDPHandle(garnet), to: place)
  }
}

@_cdecl("pgrad_mdp_destroy") @implementation
public func pgrad_mdp_destroy(_ mdp: OpaquePointer!) {
  Handles.destroy(mdp, MDPHandle.self)
}

@_cdecl("pgrad_mdp_describe") @implementation
public func pgrad_mdp_describe(
  _ mdp: OpaquePointer!, _ config: UnsafeMutablePointer<pgrad_mdp_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: MDPHandle = try borrow(mdp, "mdp")
    try writeOptions(config, struct_size, with: handle.config, "config")
  }
}

@_cdecl("pgrad_mdp_objective") @implementation
public func pgrad_mdp_objective(
  _ mdp: OpaquePointer!, _ policy: OpaquePointer!, _ parameters: UnsafePointer<Double>!,
  _ objective: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let (mdp, policy) = try tabularPolicy(mdp, policy, parameters)
    let place = try nonNull(objective, "objective")
    place.pointee = try ExactSolution(policy, in: mdp).objective
  }
}

@_cdecl("pgrad_mdp_gradient") @implementation
public func pgrad_mdp_gradient(
  _ mdp: OpaquePointer!, _ policy: OpaquePointer!, _ parameters: UnsafePointer<Double>!,
  _ gradient: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let (mdp, policy) = try tabularPolicy(mdp, policy, parameters)
    let place = try nonNull(gradient, "gradient")
    copyOut(try ExactSolution(policy, in: mdp).gradient, to: place)
  }
}

@_cdecl("pgrad_mdp_values") @implementation
public func pgrad_mdp_values(
  _ mdp: OpaquePointer!, _ policy: OpaquePointer!, _ parameters: UnsafePointer<Double>!,
  _ values: UnsafeMutablePointer<Double>!, _ action_values: UnsafeMutablePointer<Double>!,
  _ advantages: UnsafeMutablePointer<Double>!, _ visitation: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let (mdp, policy) = try tabularPolicy(mdp, policy, parameters)
    let solution = try ExactSolution(policy, in: mdp)
    if let values { copyOut(solution.values, to: values) }
    if let action_values { copyOut(solution.actionValues, to: action_values) }
    if let advantages { copyOut(solution.advantages, to: advantages) }
    if let visitation { copyOut(solution.visitation, to: visitation) }
  }
}

@_cdecl("pgrad_mdp_log_probs") @implementation
public func pgrad_mdp_log_probs(
  _ mdp: OpaquePointer!, _ policy: OpaquePointer!, _ parameters: UnsafePointer<Double>!,
  _ log_probs: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let (_, policy) = try tabularPolicy(mdp, policy, parameters)
    copyOut(policy.logProbabilities, to: try nonNull(log_probs, "log_probs"))
  }
}

@_cdecl("pgrad_mdp_scores") @implementation
public func pgrad_mdp_scores(
  _ mdp: OpaquePointer!, _ policy: OpaquePointer!, _ parameters: UnsafePointer<Double>!,
  _ scores: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let (mdp, policy) = try tabularPolicy(mdp, policy, parameters)
    let place = try nonNull(scores, "scores")
    try policy.requireTableOfScores(in: mdp)
    policy.scores(into: place)
  }
}

@_cdecl("pgrad_env_create_mdp") @implementation
public func pgrad_env_create_mdp(
  _ env: UnsafeMutablePointer<OpaquePointer?>!, _ mdp: OpaquePointer!, _ n_envs: Int64
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(env, "env")
    let mdp = try borrow(mdp, "mdp", as: MDPHandle.self).mdp
    try returnHandle(EnvironmentHandle(MDPEnvironment(mdp, count: Int(n_envs))), to: place)
  }
}

/// An MDP, and a policy in it with the given parameters; `nil` for the policy's own.
func tabularPolicy(
  _ mdp: OpaquePointer?, _ policy: OpaquePointer?, _ parameters: UnsafePointer<Double>?
) throws(Refusal) -> (TabularMDP, TabularPolicy) {
  let mdp = try borrow(mdp, "mdp", as: MDPHandle.self).mdp
  let handle: PolicyHandle = try borrow(policy, "policy")
  return (mdp, try TabularPolicy(handle.policy, parameters, in: mdp))
}

/// Copies numbers to the caller's memory.
func copyOut<Number>(_ numbers: [Number], to place: UnsafeMutablePointer<Number>) {
  numbers.withUnsafeBufferPointer { numbers in
    guard let first = numbers.baseAddress else { return }
    place.update(from: first, count: numbers.count)
  }
}

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
