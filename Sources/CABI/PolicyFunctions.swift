import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_config_init") @implementation
public func pgrad_policy_config_init(
  _ config: UnsafeMutablePointer<pgrad_policy_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_policy_create") @implementation
public func pgrad_policy_create(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ config: UnsafePointer<pgrad_policy_config>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(policy, "policy")
    let config = try readOptions(config, defaults: .defaults, "config")
    try returnHandle(PolicyHandle(Policy(config.configuration())), to: place)
  }
}

@_cdecl("pgrad_policy_destroy") @implementation
public func pgrad_policy_destroy(_ policy: OpaquePointer!) {
  Handles.destroy(policy, PolicyHandle.self)
}

@_cdecl("pgrad_policy_clone") @implementation
public func pgrad_policy_clone(
  _ clone: UnsafeMutablePointer<OpaquePointer?>!, _ policy: OpaquePointer!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(clone, "clone")
    try returnHandle(PolicyHandle(handle.policy.clone()), to: place)
  }
}

@_cdecl("pgrad_policy_describe") @implementation
public func pgrad_policy_describe(
  _ policy: OpaquePointer!, _ config: UnsafeMutablePointer<pgrad_policy_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try writeOptions(config, struct_size, with: pgrad_policy_config(handle), "config")
  }
}

@_cdecl("pgrad_policy_parameters") @implementation
public func pgrad_policy_parameters(
  _ policy: OpaquePointer!, _ parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>!,
  _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let policy = try borrow(policy, "policy", as: PolicyHandle.self).policy
    parameters?.pointee = policy.parameters.pointer
    count?.pointee = Int64(policy.parameters.count)
  }
}

@_cdecl("pgrad_policy_save") @implementation
public func pgrad_policy_save(_ policy: OpaquePointer!, _ path: UnsafePointer<CChar>!) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.policy.save(filePath(path))
  }
}

@_cdecl("pgrad_policy_load") @implementation
public func pgrad_policy_load(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ path: UnsafePointer<CChar>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(policy, "policy")
    try returnHandle(PolicyHandle(Policy.load(filePath(path))), to: place)
  }
}

@_cdecl("pgrad_policy_observation_moments") @implementation
public func pgrad_policy_observation_moments(
  _ policy: OpaquePointer!, _ means: UnsafeMutablePointer<Double>!, _ variances: UnsafeMutablePointer<Double>!,
  _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(count, "count")
    try handle.policy.withMoments { moments in
      place.pointee = moments?.count ?? -1
      guard let moments else { return }
      means?.update(from: moments.means.pointer, count: moments.means.count)
      variances?.update(from: moments.variances.pointer, count: moments.variances.count)
    }
  }
}

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

extension pgrad_tensor {
  /// - Parameter name: Copied to memory of its own, which the caller frees.
  init(name: String, offset: Int, shape: [Int]) {
    self.init()
    self.name = UnsafePointer(strdup(name))
    self.offset = Int64(offset)
    dimensions = Int32(shape.count)
    withUnsafeMutableBytes(of: &self.shape) { bytes in
      let sizes = bytes.assumingMemoryBound(to: Int64.self)
      for (index, size) in shape.enumerated() { sizes[index] = Int64(size) }
    }
  }
}

@_cdecl("pgrad_policy_tensor_count") @implementation
public func pgrad_policy_tensor_count(
  _ policy: OpaquePointer!, _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try nonNull(count, "count").pointee = handle.tensors.count
  }
}

@_cdecl("pgrad_policy_tensor") @implementation
public func pgrad_policy_tensor(
  _ policy: OpaquePointer!, _ index: Int64, _ tensor: UnsafeMutablePointer<pgrad_tensor>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try require(index, in: 0...handle.tensors.count - 1, "index")
    guard let tensors = handle.tensors.pointer else { return }
    try writeOptions(tensor, struct_size, with: tensors[Int(index)], "tensor")
  }
}
