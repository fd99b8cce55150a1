import CPGrad
import PolicyGradient

/// The object behind a `pgrad_env` handle.
final class EnvironmentHandle: ExclusivelyUsed {
  let environment: any VectorEnvironment
  let access = ExclusiveAccess()
  let parts: CArray<pgrad_action_part>
  let observationParts: CArray<pgrad_observation_part>
  private let space: ActionSpace
  private let clipped: Buffer<Float>
  /// Receives final observations if the caller gives no memory for them.
  private let ignoredFinalObservations: Buffer<Float>

  init(_ environment: any VectorEnvironment) throws(Refusal) {
    self.environment = environment
    parts = CArray(environment.parts.map { pgrad_action_part($0) })
    observationParts = CArray(environment.observationParts.map { pgrad_observation_part($0) })
    space = ActionSpace(environment.parts)
    clipped = try Buffer(count: environment.count * space.columns)
    ignoredFinalObservations = try Buffer(count: environment.count * environment.observationSize)
  }

  func step(
    _ actions: UnsafePointer<Float>, rewards: UnsafeMutablePointer<Float>, terminated: UnsafeMutablePointer<UInt8>,
    truncated: UnsafeMutablePointer<UInt8>, next: UnsafeMutablePointer<Float>, final: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    try space.check(actions, rows: environment.count)
    space.clip(actions, rows: environment.count, into: clipped.pointer)
    environment.use.wasStepped()
    try environment.step(
      clipped.pointer,
      into: StepOutputs(
        rewards: rewards, terminated: terminated, truncated: truncated, nextObservations: next,
        finalObservations: final ?? ignoredFinalObservations.pointer))
  }
}

extension pgrad_env_callbacks {
  fileprivate static var defaults: pgrad_env_callbacks {
    var callbacks = pgrad_env_callbacks()
    callbacks.n_envs = 1
    return callbacks
  }

  /// The engine's callbacks, from a checked structure.
  fileprivate func callbacks() throws(Refusal) -> EnvironmentCallbacks {
    try require(n_envs, in: 1...Int64(Limits.environments), "n_envs")
    try require(reserved, in: 0...0, "reserved")
    try require(observation_size, in: 1...Int64(Limits.size), "observation_size")
    let parts = try actionParts(self.parts, part_count)
    for (index, part) in parts.enumerated() { try part.validate("parts[\(index)]") }
    guard let reset else { throw Refusal(.invalidArgument, "reset is NULL") }
    guard let step else { throw Refusal(.invalidArgument, "step is NULL") }
    let (savesState, loadsState) = (save_state != nil, load_state != nil)
    try require(
      savesState == loadsState, savesState ? "load_state" : "save_state", "NULL",
      "be a function, because \(savesState ? "save_state" : "load_state") is one")
    var result = EnvironmentCallbacks(
      count: Int(n_envs), observationSize: Int(observation_size), parts: parts, context: context, reset: reset,
      step: step, masks: masks, destroy: destroy)
    result.saveState = save_state
    result.loadState = load_state
    return result
  }
}

@_cdecl("pgrad_env_create") @implementation
public func pgrad_env_create(
  _ env: UnsafeMutablePointer<OpaquePointer?>!, _ name: UnsafePointer<CChar>!, _ n_envs: Int64
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(env, "env")
    let name = String(cString: try nonNull(name, "name"))
    try require(n_envs, in: 1...Int64(Limits.environments), "n_envs")
    try returnHandle(EnvironmentHandle(makeEnvironment(named: name, count: Int(n_envs))), to: place)
  }
}

@_cdecl("pgrad_env_callbacks_init") @implementation
public func pgrad_env_callbacks_init(
  _ callbacks: UnsafeMutablePointer<pgrad_env_callbacks>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(callbacks, struct_size, with: .defaults, "callbacks")
  }
}

@_cdecl("pgrad_env_create_callbacks") @implementation
public func pgrad_env_create_callbacks(
  _ env: UnsafeMutablePointer<OpaquePointer?>!, _ callbacks: UnsafePointer<pgrad_env_callbacks>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(env, "env")
    let callbacks = try readOptions(callbacks, defaults: .defaults, "callbacks").callbacks()
    let environment = try CallbackEnvironment(callbacks)
    try returnHandle(EnvironmentHandle(environment), to: place)
    environment.takeOwnership()
  }
}

@_cdecl("pgrad_env_destroy") @implementation
public func pgrad_env_destroy(_ env: OpaquePointer!) {
  Handles.destroy(env, EnvironmentHandle.self)
}

@_cdecl("pgrad_env_describe") @implementation
public func pgrad_env_describe(
  _ env: OpaquePointer!, _ info: UnsafeMutablePointer<pgrad_env_info>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: EnvironmentHandle = try borrow(env, "env")
    let environment = handle.environment
    var result = pgrad_env_info()
    result.n_envs = Int64(environment.count)
    result.observation_size = Int64(environment.observationSize)
    result.action_size = Int64(environment.parts.reduce(0) { $0 + $1.columns })
    result.parts = handle.parts.pointer
    result.part_count = handle.parts.count
    result.state_size = Int64((environment as? any StatefulEnvironment)?.stateSize ?? 0)
    result.max_episode_steps = Int64(environment.maxEpisodeSteps ?? 0)
    result.mask_size = Int64(environment.maskSize)
    result.observation_parts = handle.observationParts.count > 0 ? handle.observationParts.pointer : nil
    result.observation_part_count = handle.observationParts.count
    try writeOptions(info, struct_size, with: result, "info")
  }
}

@_cdecl("pgrad_env_reset") @implementation
public func pgrad_env_reset(
  _ env: OpaquePointer!, _ seed: UInt64, _ observations: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(env, "env") { (handle: EnvironmentHandle) throws(Refusal) in
    let environment = handle.environment
    let observations = try nonNull(observations, "observations")
    environment.use.willReset()
    try environment.reset(seed: seed)
    environment.use.wasReset()
    guard let current = environment.observations else { return }
    observations.update(from: current, count: environment.count * environment.observationSize)
  }
}

@_cdecl("pgrad_env_step") @implementation
public func pgrad_env_step(
  _ env: OpaquePointer!, _ actions: UnsafePointer<Float>!, _ rewards: UnsafeMutablePointer<Float>!,
  _ terminated: UnsafeMutablePointer<UInt8>!, _ truncated: UnsafeMutablePointer<UInt8>!,
  _ next_observations: UnsafeMutablePointer<Float>!, _ final_observations: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(env, "env") { (handle: EnvironmentHandle) throws(Refusal) in
    try handle.step(
      nonNull(actions, "actions"), rewards: nonNull(rewards, "rewards"),
      terminated: nonNull(terminated, "terminated"), truncated: nonNull(truncated, "truncated"),
      next: nonNull(next_observations, "next_observations"), final: final_observations)
  }
}

@_cdecl("pgrad_env_masks") @implementation
public func pgrad_env_masks(_ env: OpaquePointer!, _ masks: UnsafeMutablePointer<UInt8>!) -> pgrad_status {
  cStatus(env, "env") { (handle: EnvironmentHandle) throws(Refusal) in
    let (environment, masks) = (handle.environment, try nonNull(masks, "masks"))
    guard environment.maskSize > 0 else {
      throw Refusal(.unsupported, "env has no masks: its mask_size is 0")
    }
    guard let current = environment.masks else {
      throw Refusal(.badState, "env has no masks yet; call reset first")
    }
    masks.update(from: current, count: environment.count * environment.maskSize)
  }
}

@_cdecl("pgrad_env_state") @implementation
public func pgrad_env_state(_ env: OpaquePointer!, _ states: UnsafeMutablePointer<Double>!) -> pgrad_status {
  cStatus(env, "env") { (handle: EnvironmentHandle) throws(Refusal) in
    let environment = try stateful(handle)
    guard environment.observations != nil else {
      throw Refusal(.badState, "env has no state yet; call reset or set_state first")
    }
    environment.copyStates(into: try nonNull(states, "states"))
  }
}

@_cdecl("pgrad_env_set_state") @implementation
public func pgrad_env_set_state(_ env: OpaquePointer!, _ states: UnsafePointer<Double>!) -> pgrad_status {
  cStatus(env, "env") { (handle: EnvironmentHandle) throws(Refusal) in
    let environment = try stateful(handle)
    try environment.setStates(nonNull(states, "states"))
    environment.use.wasReset()
  }
}

private func stateful(_ handle: EnvironmentHandle) throws(Refusal) -> any StatefulEnvironment {
  guard let result = handle.environment as? any StatefulEnvironment else {
    throw Refusal(.unsupported, "env has no numeric state: its state_size is 0")
  }
  return result
}
