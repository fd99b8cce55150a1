import CPGrad
import PolicyGradient

// Each function calls the one with the suffix _masked, without masks.

@_cdecl("pgrad_policy_log_prob") @implementation
public func pgrad_policy_log_prob(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ actions: UnsafePointer<Float>!, _ count: Int64,
  _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_log_prob_masked(policy, observations, nil, actions, count, log_probs)
}

@_cdecl("pgrad_policy_log_prob_masked") @implementation
public func pgrad_policy_log_prob_masked(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!,
  _ actions: UnsafePointer<Float>!, _ count: Int64, _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let (observations, rows) = try handle.rows(observations, masks, count)
    let actions = try nonNull(actions, "actions")
    try policy.check(actions, rows: rows, masks: masks)
    try policy.logProbability(
      observations, masks: masks, actions, rows: rows, into: try nonNull(log_probs, "log_probs"))
  }
}

@_cdecl("pgrad_policy_entropy") @implementation
public func pgrad_policy_entropy(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64,
  _ entropies: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_entropy_masked(policy, observations, nil, count, entropies)
}

@_cdecl("pgrad_policy_entropy_masked") @implementation
public func pgrad_policy_entropy_masked(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!, _ count: Int64,
  _ entropies: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let (observations, rows) = try handle.rows(observations, masks, count)
    try policy.entropy(observations, masks: masks, rows: rows, into: try nonNull(entropies, "entropies"))
  }
}

@_cdecl("pgrad_policy_score_gradient") @implementation
public func pgrad_policy_score_gradient(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ actions: UnsafePointer<Float>!,
  _ weights: UnsafePointer<Float>!, _ count: Int64, _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  pgrad_policy_score_gradient_masked(policy, observations, nil, actions, weights, count, gradient)
}

@_cdecl("pgrad_policy_score_gradient_masked") @implementation
public func pgrad_policy_score_gradient_masked(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!,
  _ actions: UnsafePointer<Float>!, _ weights: UnsafePointer<Float>!, _ count: Int64,
  _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let (observations, rows) = try handle.rows(observations, masks, count)
    let actions = try nonNull(actions, "actions")
    try policy.check(actions, rows: rows, masks: masks)
    let weights = try finiteRows(weights, rows, 1, "weights")
    try handle.scoreGradient(
      observations, masks: masks, actions, weights: weights, rows: rows, into: try nonNull(gradient, "gradient"))
  }
}
