import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_config_init") @implementation
public func pgrad_policy_config_init(
  _ config: UnsafeMutablePointer<pgrad_policy_config>!, _ struct_size: Int
) -> pgrad_status {
  answer { () throws(Refusal) in
    try fill(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_policy_create") @implementation
public func pgrad_policy_create(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ config: UnsafePointer<pgrad_policy_config>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let place = try pointer(policy, "policy")
    let config = try options(config, defaults: .defaults, "config")
    try hand(PolicyHandle(Policy(config.configuration())), to: place)
  }
}

@_cdecl("pgrad_policy_destroy") @implementation
public func pgrad_policy_destroy(_ policy: OpaquePointer!) {
  Handles.give(back: policy, PolicyHandle.self)
}

@_cdecl("pgrad_policy_describe") @implementation
public func pgrad_policy_describe(
  _ policy: OpaquePointer!, _ config: UnsafeMutablePointer<pgrad_policy_config>!, _ struct_size: Int
) -> pgrad_status {
  answer { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try fill(config, struct_size, with: pgrad_policy_config(handle), "config")
  }
}

@_cdecl("pgrad_policy_sample") @implementation
public func pgrad_policy_sample(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!, _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    let rows = try rows(count, columns: max(policy.observationSize, policy.actionSize))
    let observations = try input(observations, rows, policy.observationSize, "observations")
    policy.sample(
      observations, rows: rows, actions: try pointer(actions, "actions"), logProbabilities: log_probs)
  }
}

@_cdecl("pgrad_policy_mode") @implementation
public func pgrad_policy_mode(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    let rows = try rows(count, columns: max(policy.observationSize, policy.actionSize))
    let observations = try input(observations, rows, policy.observationSize, "observations")
    policy.mode(observations, rows: rows, actions: try pointer(actions, "actions"))
  }
}

@_cdecl("pgrad_policy_log_prob") @implementation
public func pgrad_policy_log_prob(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ actions: UnsafePointer<Float>!, _ count: Int64,
  _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    let rows = try rows(count, columns: max(policy.observationSize, policy.actionSize))
    let observations = try input(observations, rows, policy.observationSize, "observations")
    let actions = try pointer(actions, "actions")
    try policy.check(actions, rows: rows)
    policy.logProbability(observations, actions, rows: rows, into: try pointer(log_probs, "log_probs"))
  }
}

@_cdecl("pgrad_policy_entropy") @implementation
public func pgrad_policy_entropy(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ entropies: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    let rows = try rows(count, columns: policy.observationSize)
    let observations = try input(observations, rows, policy.observationSize, "observations")
    policy.entropy(observations, rows: rows, into: try pointer(entropies, "entropies"))
  }
}

@_cdecl("pgrad_policy_value") @implementation
public func pgrad_policy_value(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ values: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    let rows = try rows(count, columns: policy.observationSize)
    let observations = try input(observations, rows, policy.observationSize, "observations")
    try policy.value(observations, rows: rows, into: try pointer(values, "values"))
  }
}

@_cdecl("pgrad_policy_score_gradient") @implementation
public func pgrad_policy_score_gradient(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ actions: UnsafePointer<Float>!,
  _ weights: UnsafePointer<Float>!, _ count: Int64, _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    let policy = handle.policy
    let rows = try rows(count, columns: max(policy.observationSize, policy.actionSize))
    let observations = try input(observations, rows, policy.observationSize, "observations")
    let actions = try pointer(actions, "actions")
    try policy.check(actions, rows: rows)
    let weights = try input(weights, rows, 1, "weights")
    let gradient = try pointer(gradient, "gradient")
    handle.scoreGradient(observations, actions, weights: weights, rows: rows, into: gradient)
  }
}

@_cdecl("pgrad_policy_parameters") @implementation
public func pgrad_policy_parameters(
  _ policy: OpaquePointer!, _ parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>!,
  _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    parameters?.pointee = policy.parameters.pointer
    count?.pointee = Int64(policy.parameters.count)
  }
}

@_cdecl("pgrad_policy_save") @implementation
public func pgrad_policy_save(_ policy: OpaquePointer!, _ path: UnsafePointer<CChar>!) -> pgrad_status {
  answer { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try handle.policy.save(CABI.path(path))
  }
}

@_cdecl("pgrad_policy_load") @implementation
public func pgrad_policy_load(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ path: UnsafePointer<CChar>!
) -> pgrad_status {
  answer { () throws(Refusal) in
    let place = try pointer(policy, "policy")
    try hand(PolicyHandle(Policy.load(CABI.path(path))), to: place)
  }
}
