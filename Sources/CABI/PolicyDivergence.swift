import CPGrad
import PolicyGradient

// Each function is its masked twin without masks.

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
  reply { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    let other = try borrow(other, "other", as: PolicyHandle.self).policy
    try policy.checkComparable(other, "other")
    let rows = try rowCount(count, columns: policy.widestRow(masks))
    let observations = try finiteRows(observations, rows, policy.observationSize, "observations")
    try checkMasks(masks, rows, of: policy)
    try policy.divergence(from: other, observations, masks: masks, rows: rows, into: try nonNull(kls, "kls"))
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
  reply { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    let policy = handle.policy
    let rows = try rowCount(count, columns: policy.widestRow(masks))
    let observations = try finiteRows(observations, rows, policy.observationSize, "observations")
    try checkMasks(masks, rows, of: policy)
    let vector = try finiteRows(vector, policy.parameters.count, 1, "vector")
    try handle.scoreGradient.fisherVector(
      observations, masks: masks, rows: rows, vector: vector, into: try nonNull(product, "product"))
  }
}
