import CPGrad
import PolicyGradient

/// The rows that a function of a policy reads, checked.
struct InputRows {
  let observations: UnsafePointer<Float>
  /// `nil` if every choice is allowed.
  let masks: UnsafePointer<UInt8>?
  let count: Int
}

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
  ) throws(Refusal) -> InputRows {
    let widest = max(policy.observationSize, policy.actionSize, masks == nil ? 0 : policy.maskSize)
    let rows = try rowCount(count, columns: widest)
    let observations = try finiteRows(observations, rows, policy.observationSize, "observations")
    if let masks {
      try checkFlags(masks, rows, policy.maskSize, "masks")
      try policy.check(masks: masks, rows: rows)
    }
    return InputRows(observations: observations, masks: masks, count: rows)
  }

  /// Checks a structure of rows.
  func rows(_ given: UnsafePointer<pgrad_rows>?) throws(Refusal) -> InputRows {
    let given = try readOptions(given, defaults: .defaults, "rows")
    try require(given.reserved, in: 0...0, "rows.reserved")
    let rows = try rows(given.observations, given.masks, given.count)
    try require(
      given.steps >= 1 && given.count % given.steps == 0, "rows.steps", "\(given.steps)",
      "divide rows.count, which is \(given.count)")
    if let starts = given.episode_starts { try checkFlags(starts, rows.count, 1, "episode_starts") }
    return rows
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
    _ = try borrow(policy, "policy", as: PolicyHandle.self)
    // No network has a memory.
    try nonNull(size, "size").pointee = 0
  }
}
