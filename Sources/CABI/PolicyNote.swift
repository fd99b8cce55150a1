import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_set_note") @implementation
public func pgrad_policy_set_note(_ policy: OpaquePointer!, _ note: UnsafePointer<CChar>!) -> pgrad_status {
  reply(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    try handle.policy.setNote(text(note, "note", limit: Limits.noteBytes))
  }
}

@_cdecl("pgrad_policy_note") @implementation
public func pgrad_policy_note(
  _ policy: OpaquePointer!, _ note: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
  _ length: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  reply(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let text = handle.policy.note
    let count = text.utf8.count
    if let note {
      try require(
        capacity > Int64(count), "capacity", "\(capacity)", "be at least \(count + 1), the length of the note plus 1")
      for (index, byte) in text.utf8.enumerated() { note[index] = CChar(bitPattern: byte) }
      note[count] = 0
    } else {
      try require(capacity == 0, "capacity", "\(capacity)", "be 0 where note is NULL")
    }
    length?.pointee = Int64(count)
  }
}

/// A text in UTF-8 of at most `limit` bytes; of a longer one no more bytes than that are read.
private func text(
  _ given: UnsafePointer<CChar>?, _ name: StaticString, limit: Int
) throws(Refusal) -> String {
  let given = try nonNull(given, name)
  var count = 0
  while given[count] != 0 {
    count += 1
    try require(count <= limit, "\(name)", "longer than \(limit) bytes", "be at most \(limit) bytes long")
  }
  let bytes = UnsafeBufferPointer(start: given, count: count)
  guard let text = String(validating: bytes.lazy.map(UInt8.init(bitPattern:)), as: UTF8.self) else {
    throw Refusal(.invalidArgument, "\(name) is not valid UTF-8; it must be UTF-8")
  }
  return text
}
