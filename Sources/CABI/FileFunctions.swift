import CPGrad
import Oracle
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

@_cdecl("pgrad_checkpoint_save") @implementation
public func pgrad_checkpoint_save(
  _ agent: OpaquePointer!, _ env: OpaquePointer!, _ path: UnsafePointer<CChar>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let path = try filePath(path)
    let handle: OpaquePointer? = env
    guard handle != nil else { return try Checkpoint.save(agent, nil, path) }
    let env: EnvironmentHandle = try borrow(handle, "env")
    try env.access.run("env") { () throws(Refusal) in try Checkpoint.save(agent, env.environment, path) }
  }
}

@_cdecl("pgrad_checkpoint_load") @implementation
public func pgrad_checkpoint_load(
  _ agent: UnsafeMutablePointer<OpaquePointer?>!, _ env: UnsafeMutablePointer<OpaquePointer?>!,
  _ path: UnsafePointer<CChar>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(agent, "agent")
    let envPlace: UnsafeMutablePointer<OpaquePointer?>? = env
    let path = try filePath(path)
    guard let given = envPlace?.pointee else {
      let checkpoint = try loadCheckpoint(path, given: nil, wantsEnvironment: envPlace != nil)
      return try returnHandles(checkpoint, to: place, envPlace)
    }
    let handle: EnvironmentHandle = try borrow(given, "env")
    try handle.access.run("env") { () throws(Refusal) in
      let checkpoint = try loadCheckpoint(path, given: handle.environment, wantsEnvironment: true)
      try returnHandles(checkpoint, to: place, nil)
    }
  }
}

@_cdecl("pgrad_checkpoint_describe") @implementation
public func pgrad_checkpoint_describe(
  _ path: UnsafePointer<CChar>!, _ info: UnsafeMutablePointer<pgrad_checkpoint_info>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let found = try CheckpointInfo(of: filePath(path))
    var result = pgrad_checkpoint_info()
    result.env_kind = found.kind?.rawValue ?? 0
    result.env_state = found.hasState ? 1 : 0
    result.has_acted = found.hasActed ? 1 : 0
    result.algorithm = found.algorithm.rawValue
    result.n_envs = Int64(found.environments)
    result.rollout_steps = found.rolloutSteps
    result.env_name = found.name.flatMap { EnvironmentNames.pointer(to: $0) }
    try writeOptions(info, struct_size, with: result, "info")
  }
}

@_cdecl("pgrad_agent_pending_actions") @implementation
public func pgrad_agent_pending_actions(
  _ agent: OpaquePointer!, _ actions: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    try agent.copyPendingActions(into: nonNull(actions, "actions"))
  }
}

private func loadCheckpoint(
  _ path: String, given: (any VectorEnvironment)?, wantsEnvironment: Bool
) throws(Refusal) -> Checkpoint {
  try Checkpoint.load(path, given: given, wantsEnvironment: wantsEnvironment) { (file, count) throws(Refusal) in
    try MDPEnvironment(from: file, count: count)
  }
}

/// Returns the agent, and a new environment if there is a place for it. The environment gets its state last, so that
/// the caller's own has not changed if anything fails.
private func returnHandles(
  _ checkpoint: Checkpoint, to place: UnsafeMutablePointer<OpaquePointer?>,
  _ envPlace: UnsafeMutablePointer<OpaquePointer?>?
) throws(Refusal) {
  let agent = try Handles.create(for: checkpoint.agent)
  var env: OpaquePointer?
  do throws(Refusal) {
    if envPlace != nil, let environment = checkpoint.environment {
      env = try Handles.create(for: EnvironmentHandle(environment))
    }
    try checkpoint.restoreEnvironment()
  } catch {
    Handles.destroy(agent, Agent.self)
    Handles.destroy(env, EnvironmentHandle.self)
    throw error
  }
  place.pointee = agent
  envPlace?.pointee = env
}

/// The names of native environments as C strings that are never freed.
private enum EnvironmentNames {
  nonisolated(unsafe) private static let all = environmentNames.map { strdup($0) }

  static func pointer(to name: String) -> UnsafePointer<CChar>? {
    environmentNames.firstIndex(of: name).flatMap { UnsafePointer(all[$0]) }
  }
}
