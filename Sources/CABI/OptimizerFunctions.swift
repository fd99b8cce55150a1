import CPGrad
import PolicyGradient

/// The object behind a `pgrad_optimizer` handle.
final class OptimizerHandle: ExclusivelyUsed {
  let optimizer: Optimizer
  let access: ExclusiveAccess

  init(_ policy: Policy, _ configuration: OptimizerConfiguration) throws(Refusal) {
    optimizer = try Optimizer(policy, configuration)
    access = policy.access
  }
}

extension pgrad_optimizer_config: OptionStructure {
  static let fields: [OptionField<pgrad_optimizer_config, OptimizerConfiguration>] = [
    .choice(\.kind, \.kind, "a pgrad_optimizer_kind, 1 to 5"),
    .number(\.learning_rate, \.learningRate),
    .number(\.momentum, \.momentum),
    .number(\.beta1, \.beta1),
    .number(\.beta2, \.beta2),
    .number(\.decay, \.decay),
    .number(\.epsilon, \.epsilon),
    .number(\.max_grad_norm, \.maxGradNorm),
    .number(\.weight_decay, \.weightDecay),
  ]

  static let defaults: pgrad_optimizer_config = {
    var config = pgrad_optimizer_config()
    config.set(OptimizerConfiguration())
    return config
  }()

  func configuration() throws(Refusal) -> OptimizerConfiguration {
    var result = OptimizerConfiguration()
    try read(into: &result)
    return result
  }
}

@_cdecl("pgrad_optimizer_config_init") @implementation
public func pgrad_optimizer_config_init(
  _ config: UnsafeMutablePointer<pgrad_optimizer_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_optimizer_create") @implementation
public func pgrad_optimizer_create(
  _ optimizer: UnsafeMutablePointer<OpaquePointer?>!, _ policy: OpaquePointer!,
  _ config: UnsafePointer<pgrad_optimizer_config>!
) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(optimizer, "optimizer")
    let config = try readOptions(config, defaults: .defaults, "config")
    try returnHandle(try OptimizerHandle(handle.policy, config.configuration()), to: place)
  }
}

@_cdecl("pgrad_optimizer_step") @implementation
public func pgrad_optimizer_step(_ optimizer: OpaquePointer!, _ gradient: UnsafePointer<Float>!) -> pgrad_status {
  cStatus(optimizer, "optimizer") { (handle: OptimizerHandle) throws(Refusal) in
    try handle.optimizer.step(nonNull(gradient, "gradient"))
  }
}

@_cdecl("pgrad_optimizer_set_learning_rate") @implementation
public func pgrad_optimizer_set_learning_rate(_ optimizer: OpaquePointer!, _ learning_rate: Double) -> pgrad_status {
  cStatus(optimizer, "optimizer") { (handle: OptimizerHandle) throws(Refusal) in
    try handle.optimizer.setLearningRate(learning_rate)
  }
}

@_cdecl("pgrad_optimizer_destroy") @implementation
public func pgrad_optimizer_destroy(_ optimizer: OpaquePointer!) {
  Handles.destroy(optimizer, OptimizerHandle.self)
}
