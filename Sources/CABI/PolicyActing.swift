import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_sample") @implementation
public func pgrad_policy_sample(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!, _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.requireNoMemory()
    let policy = handle.policy
    let rows = try rowCount(count, columns: max(policy.observationSize, policy.actionSize))
    let observations = try nonNull(observations, "observations")
    try policy.check(observations: observations, rows: rows, "observations")
    try policy.sample(observations, rows: rows, actions: nonNull(actions, "actions"), logProbabilities: log_probs)
  }
}

@_cdecl("pgrad_policy_sample_rows") @implementation
public func pgrad_policy_sample_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ actions: UnsafeMutablePointer<Float>!,
  _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.policy.sample(
      handle.rows(rows), actions: nonNull(actions, "actions"), logProbabilities: log_probs)
  }
}

@_cdecl("pgrad_policy_mode") @implementation
public func pgrad_policy_mode(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.mode(handle.rows(observations, nil, count), actions)
  }
}

@_cdecl("pgrad_policy_mode_rows") @implementation
public func pgrad_policy_mode_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ actions: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.mode(handle.rows(rows), actions)
  }
}

extension PolicyHandle {
  fileprivate func mode(_ rows: PolicyRows, _ actions: UnsafeMutablePointer<Float>?) throws(Refusal) {
    try policy.mode(rows, actions: nonNull(actions, "actions"))
  }
}
