import CPGrad
import PolicyGradient

@_cdecl("pgrad_file_kind") @implementation
public func pgrad_file_kind(_ path: UnsafePointer<CChar>!, _ kind: UnsafeMutablePointer<Int32>!) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let kind = try nonNull(kind, "kind")
    kind.pointee = try FileContent(of: filePath(path)).rawValue
  }
}

@_cdecl("pgrad_policy_save_memory") @implementation
public func pgrad_policy_save_memory(
  _ policy: OpaquePointer!, _ bytes: UnsafeMutableRawPointer!, _ capacity: Int64, _ size: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let count = try handle.policy.save(into: writableBytes(bytes, capacity))
    size?.pointee = Int64(count)
  }
}

@_cdecl("pgrad_policy_load_memory") @implementation
public func pgrad_policy_load_memory(
  _ policy: UnsafeMutablePointer<OpaquePointer?>!, _ bytes: UnsafeRawPointer!, _ size: Int64
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(policy, "policy")
    try returnHandle(PolicyHandle(Policy.load(bytes: readableBytes(bytes, size))), to: place)
  }
}

@_cdecl("pgrad_agent_save_memory") @implementation
public func pgrad_agent_save_memory(
  _ agent: OpaquePointer!, _ bytes: UnsafeMutableRawPointer!, _ capacity: Int64, _ size: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let count = try agent.save(into: writableBytes(bytes, capacity))
    size?.pointee = Int64(count)
  }
}

@_cdecl("pgrad_agent_load_memory") @implementation
public func pgrad_agent_load_memory(
  _ agent: UnsafeMutablePointer<OpaquePointer?>!, _ bytes: UnsafeRawPointer!, _ size: Int64
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(agent, "agent")
    try returnHandle(Agent.load(bytes: readableBytes(bytes, size)), to: place)
  }
}
