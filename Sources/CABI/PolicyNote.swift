import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_set_note") @implementation
public func pgrad_policy_set_note(_ policy: OpaquePointer!, _ note: UnsafePointer<CChar>!) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    try handle.policy.setNote(utf8Text(note, "note", limit: Limits.noteBytes))
  }
}

@_cdecl("pgrad_policy_note") @implementation
public func pgrad_policy_note(
  _ policy: OpaquePointer!, _ note: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
  _ length: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let text = handle.policy.note
    let count = text.utf8.count
    if let note {
      try require(
        capacity > Int64(count), "capacity", "\(capacity)", "be at least \(count + 1), the length of the note plus 1")
      for (index, byte) in text.utf8.enumerated() { note[index] = CChar(bitPattern: byte) }
      note[count] = 0
    } else {
      try require(capacity == 0, "capacity", "\(capacity)", "be 0 if note is NULL")
    }
    length?.pointee = Int64(count)
  }
}
