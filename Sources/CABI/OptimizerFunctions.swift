import CPGrad
import PolicyGradient

/// What a `pgrad_optimizer` stands for.
final class OptimizerHandle: Shared {
  let optimizer: Optimizer
  let turn: Turn
  /// How many numbers a gradient has.
  let count: Int

  init(_ policy: Policy, _ configuration: OptimizerConfiguration) throws(Refusal) {
    optimizer = try Optimizer(policy, configuration)
    turn = policy.turn
    count = policy.parameters.count
  }
}

extension pgrad_optimizer_config {
  static var defaults: pgrad_optimizer_config {
    let configuration = OptimizerConfiguration()
    var config = pgrad_optimizer_config()
    config.kind = configuration.kind.rawValue
    config.learning_rate = configuration.learningRate
    config.momentum = configuration.momentum
    config.beta1 = configuration.beta1
    config.beta2 = configuration.beta2
    config.decay = configuration.decay
    config.epsilon = configuration.epsilon
    config.max_grad_norm = configuration.maxGradNorm
    return config
  }

  func configuration() throws(Refusal) -> OptimizerConfiguration {
    guard let kind = OptimizerConfiguration.Kind(rawValue: kind) else {
      throw Refusal(.invalidArgument, "kind is \(self.kind); it must be a pgrad_optimizer_kind, 1 to 3")
    }
    var result = OptimizerConfiguration()
    result.kind = kind
    result.learningRate = learning_rate
    result.momentum = momentum
    result.beta1 = beta1
    result.beta2 = beta2
    result.decay = decay
    result.epsilon = epsilon
    result.maxGradNorm = max_grad_norm
    return result
  }
}

@_cdecl("pgrad_optimizer_config_init") @implementation
public func pgrad_optimizer_config_init(
  _ config: UnsafeMutablePointer<pgrad_optimizer_config>!, _ struct_size: Int
) -> pgrad_status {
  reply { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_optimizer_create") @implementation
public func pgrad_optimizer_create(
  _ optimizer: UnsafeMutablePointer<OpaquePointer?>!, _ policy: OpaquePointer!,
  _ config: UnsafePointer<pgrad_optimizer_config>!
) -> pgrad_status {
  reply(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(optimizer, "optimizer")
    let config = try readOptions(config, defaults: .defaults, "config")
    try handOver(try OptimizerHandle(handle.policy, config.configuration()), to: place)
  }
}

@_cdecl("pgrad_optimizer_step") @implementation
public func pgrad_optimizer_step(_ optimizer: OpaquePointer!, _ gradient: UnsafePointer<Float>!) -> pgrad_status {
  reply(optimizer, "optimizer") { (handle: OptimizerHandle) throws(Refusal) in
    try handle.optimizer.step(finiteRows(gradient, handle.count, 1, "gradient"))
  }
}

@_cdecl("pgrad_optimizer_destroy") @implementation
public func pgrad_optimizer_destroy(_ optimizer: OpaquePointer!) {
  Handles.give(back: optimizer, OptimizerHandle.self)
}
