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
