import CPGrad
import PolicyGradient

// Each function calls the one with the suffix _masked, without masks.

@_cdecl("pgrad_policy_sample") @implementation
public func pgrad_policy_sample(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!, _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_sample_masked(policy, observations, nil, count, actions, log_probs)
}

@_cdecl("pgrad_policy_sample_masked") @implementation
public func pgrad_policy_sample_masked(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!, _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let (observations, rows) = try handle.rows(observations, masks, count)
    try policy.sample(
      observations, masks: masks, rows: rows, actions: try nonNull(actions, "actions"), logProbabilities: log_probs)
  }
}

@_cdecl("pgrad_policy_mode") @implementation
public func pgrad_policy_mode(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_mode_masked(policy, observations, nil, count, actions)
}

@_cdecl("pgrad_policy_mode_masked") @implementation
public func pgrad_policy_mode_masked(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let (observations, rows) = try handle.rows(observations, masks, count)
    try policy.mode(observations, masks: masks, rows: rows, actions: try nonNull(actions, "actions"))
  }
}

@_cdecl("pgrad_policy_mask_size") @implementation
public func pgrad_policy_mask_size(_ policy: OpaquePointer!, _ size: UnsafeMutablePointer<Int64>!) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    try nonNull(size, "size").pointee = Int64(policy.maskSize)
  }
}
