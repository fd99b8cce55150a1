import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_log_prob") @implementation
public func pgrad_policy_log_prob(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ actions: UnsafePointer<Float>!, _ count: Int64,
  _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.logProbability(handle.rows(observations, nil, count), actions, log_probs)
  }
}

@_cdecl("pgrad_policy_log_prob_rows") @implementation
public func pgrad_policy_log_prob_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ actions: UnsafePointer<Float>!,
  _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.logProbability(handle.rows(rows), actions, log_probs)
  }
}

@_cdecl("pgrad_policy_entropy") @implementation
public func pgrad_policy_entropy(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ entropies: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.entropy(handle.rows(observations, nil, count), entropies)
  }
}

@_cdecl("pgrad_policy_entropy_rows") @implementation
public func pgrad_policy_entropy_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ entropies: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.entropy(handle.rows(rows), entropies)
  }
}

@_cdecl("pgrad_policy_value") @implementation
public func pgrad_policy_value(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ values: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.value(handle.rows(observations, nil, count), values)
  }
}

@_cdecl("pgrad_policy_value_rows") @implementation
public func pgrad_policy_value_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ values: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.value(handle.rows(rows), values)
  }
}

extension PolicyHandle {
  fileprivate func logProbability(
    _ rows: PolicyRows, _ actions: UnsafePointer<Float>?, _ log_probs: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let actions = try nonNull(actions, "actions")
    try policy.check(actions, rows: rows.count, masks: rows.masks)
    try policy.logProbability(rows, actions, into: nonNull(log_probs, "log_probs"))
  }

  fileprivate func entropy(_ rows: PolicyRows, _ entropies: UnsafeMutablePointer<Float>?) throws(Refusal) {
    try policy.entropy(rows, into: nonNull(entropies, "entropies"))
  }

  fileprivate func value(_ rows: PolicyRows, _ values: UnsafeMutablePointer<Float>?) throws(Refusal) {
    try policy.value(rows, into: nonNull(values, "values"))
  }
}

@_cdecl("pgrad_policy_kl") @implementation
public func pgrad_policy_kl(
  _ policy: OpaquePointer!, _ other: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ kls: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.divergence(from: other, kls) { () throws(Refusal) in try handle.rows(observations, nil, count) }
  }
}

@_cdecl("pgrad_policy_kl_rows") @implementation
public func pgrad_policy_kl_rows(
  _ policy: OpaquePointer!, _ other: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!,
  _ kls: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.divergence(from: other, kls) { () throws(Refusal) in try handle.rows(rows) }
  }
}

extension PolicyHandle {
  /// - Parameter rows: Reads and checks the rows, once both policies are known to fit together.
  fileprivate func divergence(
    from other: OpaquePointer?, _ kls: UnsafeMutablePointer<Float>?, rows: () throws(Refusal) -> PolicyRows
  ) throws(Refusal) {
    let other: PolicyHandle = try borrow(other, "other")
    try policy.checkComparable(other.policy, "other")
    let rows = try rows()
    try policy.divergence(from: other.policy, rows, into: nonNull(kls, "kls"))
  }
}
