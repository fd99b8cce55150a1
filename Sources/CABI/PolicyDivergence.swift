import CPGrad
import PolicyGradient

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
