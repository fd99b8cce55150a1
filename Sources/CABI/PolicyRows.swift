import CPGrad
import PolicyGradient

extension pgrad_rows {
  static var defaults: pgrad_rows {
    var rows = pgrad_rows()
    rows.steps = 1
    return rows
  }
}

extension PolicyHandle {
  /// Checks plain rows of observations, and masks where there are any.
  @inline(__always) func rows(
    _ observations: UnsafePointer<Float>?, _ masks: UnsafePointer<UInt8>?, _ count: Int64
  ) throws(Refusal) -> PolicyRows {
    try requireNoMemory()
    return try checkedRows(observations, masks, count)
  }

  /// Refuses a policy with a memory in functions that have no place for states.
  @inline(__always) func requireNoMemory() throws(Refusal) {
    guard policy.stateSize > 0 else { return }
    throw Refusal(
      .unsupported, "the policy has a memory, which needs states; call the function whose name ends in _rows")
  }

  @inline(__always) private func checkedRows(
    _ observations: UnsafePointer<Float>?, _ masks: UnsafePointer<UInt8>?, _ count: Int64
  ) throws(Refusal) -> PolicyRows {
    let widest = max(
      policy.observationSize, policy.actionSize, policy.stateSize, masks == nil ? 0 : policy.maskSize)
    let rows = try rowCount(count, columns: widest)
    let observations = try nonNull(observations, "observations")
    try policy.check(observations: observations, rows: rows, "observations")
    if let masks { try policy.check(masks: masks, rows: rows) }
    return PolicyRows(observations, count: rows, masks: masks)
  }

  /// Checks a structure of rows.
  func rows(_ given: UnsafePointer<pgrad_rows>?) throws(Refusal) -> PolicyRows {
    let given = try readOptions(given, defaults: .defaults, "rows")
    try require(given.reserved, in: 0...0, "rows.reserved")
    let rows = try checkedRows(given.observations, given.masks, given.count)
    try require(
      given.steps >= 1 && given.count % given.steps == 0, "rows.steps", "\(given.steps)",
      "divide rows.count, which is \(given.count)")
    if let starts = given.episode_starts { try checkFlags(starts, rows.count, 1, "episode_starts") }
    try require(given.has_draw_key, in: 0...1, "rows.has_draw_key")
    try require(given.reserved_2, in: 0...0, "rows.reserved_2")
    let key = given.has_draw_key == 1 ? given.draw_key : nil
    let (size, steps) = (policy.stateSize, Int(given.steps))
    guard size > 0 else {
      return PolicyRows(rows.observations, count: rows.count, masks: rows.masks, drawKey: key)
    }
    if let states = given.states { _ = try finiteRows(states, rows.count / steps, size, "states") }
    return PolicyRows(
      rows.observations, count: rows.count, masks: rows.masks, steps: steps, states: given.states,
      finalStates: given.final_states, starts: given.episode_starts, drawKey: key)
  }
}

@_cdecl("pgrad_rows_init") @implementation
public func pgrad_rows_init(_ rows: UnsafeMutablePointer<pgrad_rows>!, _ struct_size: Int) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(rows, struct_size, with: .defaults, "rows")
  }
}

@_cdecl("pgrad_policy_mask_size") @implementation
public func pgrad_policy_mask_size(_ policy: OpaquePointer!, _ size: UnsafeMutablePointer<Int64>!) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    try nonNull(size, "size").pointee = Int64(policy.maskSize)
  }
}

@_cdecl("pgrad_policy_state_size") @implementation
public func pgrad_policy_state_size(_ policy: OpaquePointer!, _ size: UnsafeMutablePointer<Int64>!) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    try nonNull(size, "size").pointee = Int64(policy.stateSize)
  }
}
