import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_config_init") @implementation
public func pgrad_policy_config_init(
  _ config: UnsafeMutablePointer<pgrad_policy_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_policy_create") @implementation
public func pgrad_policy_create(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ config: UnsafePointer<pgrad_policy_config>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(policy, "policy")
    let config = try readOptions(config, defaults: .defaults, "config")
    try returnHandle(PolicyHandle(Policy(config.configuration())), to: place)
  }
}

@_cdecl("pgrad_policy_destroy") @implementation
public func pgrad_policy_destroy(_ policy: OpaquePointer!) {
  Handles.destroy(policy, PolicyHandle.self)
}

@_cdecl("pgrad_policy_clone") @implementation
public func pgrad_policy_clone(
  _ clone: UnsafeMutablePointer<OpaquePointer?>!, _ policy: OpaquePointer!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(clone, "clone")
    try returnHandle(PolicyHandle(handle.policy.clone()), to: place)
  }
}

@_cdecl("pgrad_policy_describe") @implementation
public func pgrad_policy_describe(
  _ policy: OpaquePointer!, _ config: UnsafeMutablePointer<pgrad_policy_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try writeOptions(config, struct_size, with: pgrad_policy_config(handle), "config")
  }
}

@_cdecl("pgrad_policy_parameters") @implementation
public func pgrad_policy_parameters(
  _ policy: OpaquePointer!, _ parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>!,
  _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    parameters?.pointee = policy.parameters.pointer
    count?.pointee = Int64(policy.parameters.count)
  }
}

@_cdecl("pgrad_policy_save") @implementation
public func pgrad_policy_save(_ policy: OpaquePointer!, _ path: UnsafePointer<CChar>!) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.policy.save(filePath(path))
  }
}

@_cdecl("pgrad_policy_load") @implementation
public func pgrad_policy_load(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ path: UnsafePointer<CChar>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(policy, "policy")
    try returnHandle(PolicyHandle(Policy.load(filePath(path))), to: place)
  }
}
