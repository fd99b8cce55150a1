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

// Functions of draws: rows of actions whose squashed columns hold the pre-squash actions.

@_cdecl("pgrad_policy_sample_draws") @implementation
public func pgrad_policy_sample_draws(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!, _ count: Int64,
  _ actions: UnsafeMutablePointer<Float>!, _ draws: UnsafeMutablePointer<Float>!,
  _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.policy.sample(
      handle.rows(observations, masks, count), actions: nonNull(actions, "actions"), draws: nonNull(draws, "draws"),
      logProbabilities: log_probs)
  }
}

@_cdecl("pgrad_policy_log_prob_draws") @implementation
public func pgrad_policy_log_prob_draws(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!,
  _ draws: UnsafePointer<Float>!, _ count: Int64, _ log_probs: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let (rows, draws) = try handle.rows(observations, masks, count, draws: draws)
    try handle.policy.logProbability(rows, draws, areDraws: true, into: nonNull(log_probs, "log_probs"))
  }
}

@_cdecl("pgrad_policy_score_gradient_draws") @implementation
public func pgrad_policy_score_gradient_draws(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ masks: UnsafePointer<UInt8>!,
  _ draws: UnsafePointer<Float>!, _ weights: UnsafePointer<Float>!, _ count: Int64,
  _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let (rows, draws) = try handle.rows(observations, masks, count, draws: draws)
    let weights = try finiteRows(weights, rows.count, 1, "weights")
    try handle.scoreGradient(rows, draws, areDraws: true, weights: weights, into: nonNull(gradient, "gradient"))
  }
}

@_cdecl("pgrad_policy_clip") @implementation
public func pgrad_policy_clip(
  _ policy: OpaquePointer!, _ actions: UnsafePointer<Float>!, _ count: Int64,
  _ clipped: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let policy = handle.policy
    let rows = try rowCount(count, columns: policy.actionSize)
    let actions = try finiteRows(actions, rows, policy.actionSize, "actions")
    policy.clip(actions, rows: rows, into: try nonNull(clipped, "clipped"))
  }
}

extension PolicyHandle {
  /// Rows of observations, and draws that were checked against them.
  fileprivate func rows(
    _ observations: UnsafePointer<Float>?, _ masks: UnsafePointer<UInt8>?, _ count: Int64, draws: UnsafePointer<Float>?
  ) throws(Refusal) -> (rows: PolicyRows, draws: UnsafePointer<Float>) {
    let rows = try rows(observations, masks, count)
    let draws = try finiteRows(draws, rows.count, policy.actionSize, "draws")
    try policy.check(draws, areDraws: true, rows: rows.count, masks: masks)
    return (rows, draws)
  }
}
