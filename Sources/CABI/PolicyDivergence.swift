import CPGrad
import PolicyGradient

// Each function calls the one with the suffix _masked, without masks.

@_cdecl("pgrad_policy_kl") @implementation
public func pgrad_policy_kl(
  _ policy: OpaquePointer!, _ other: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ kls: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_kl_masked(policy, other, observations, nil, count, kls)
}

@_cdecl("pgrad_policy_kl_masked") @implementation
public func pgrad_policy_kl_masked(
  _ policy: OpaquePointer!, _ other: OpaquePointer!, _ observations: UnsafePointer<Float>!,
  _ masks: UnsafePointer<UInt8>!, _ count: Int64, _ kls: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let other: PolicyHandle = try borrow(other, "other")
    try other.access.run("other") { () throws(Refusal) in
      try handle.policy.checkComparable(other.policy, "other")
      let policy = handle.policy
      let (observations, rows) = try handle.rows(observations, masks, count)
      try policy.divergence(from: other.policy, observations, masks: masks, rows: rows, into: nonNull(kls, "kls"))
    }
  }
}

@_cdecl("pgrad_policy_fisher_vector") @implementation
public func pgrad_policy_fisher_vector(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64, _ vector: UnsafePointer<Float>!,
  _ product: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_fisher_vector_masked(policy, observations, nil, count, vector, product)
}

@_cdecl("pgrad_policy_fisher_vector_masked") @implementation
public func pgrad_policy_fisher_vector_masked(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!, _ count: Int64,
  _ vector: UnsafePointer<Float>!, _ product: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let (observations, rows) = try handle.rows(observations, masks, count)
    let vector = try finiteRows(vector, policy.parameters.count, 1, "vector")
    try handle.scoreGradient.fisherVector(
      observations, masks: masks, rows: rows, vector: vector, into: try nonNull(product, "product"))
  }
}
