import CPGrad
import PolicyGradient

/// What a `pgrad_policy` stands for.
final class PolicyHandle: Shared {
  let policy: Policy
  let turn: Turn
  let parts: Loan<pgrad_action_part>
  let hiddenSizes: Loan<Int64>
  let scoreGradient: ScoreGradient

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    turn = policy.turn
    scoreGradient = try ScoreGradient(policy)
    parts = Loan(policy.configuration.parts.map { pgrad_action_part($0) })
    hiddenSizes = Loan(policy.configuration.hiddenSizes.map { Int64($0) })
  }
}

/// Widths of the default hidden layers, for as long as the process lives.
nonisolated(unsafe) private let defaultHiddenSizes = Loan<Int64>([64, 64])

extension pgrad_policy_config {
  static var defaults: pgrad_policy_config {
    var config = pgrad_policy_config()
    config.activation = Int32(PGRAD_TANH.rawValue)
    config.hidden_sizes = defaultHiddenSizes.pointer
    config.hidden_count = defaultHiddenSizes.count
    config.value_function = 1
    config.initialization = Int32(PGRAD_ORTHOGONAL.rawValue)
    config.bias = 1
    return config
  }

  init(_ handle: PolicyHandle) {
    let configuration = handle.policy.configuration
    self.init()
    activation = configuration.activation.rawValue
    observation_size = Int64(configuration.observationSize)
    parts = handle.parts.pointer
    part_count = handle.parts.count
    hidden_sizes = handle.hiddenSizes.pointer
    hidden_count = handle.hiddenSizes.count
    seed = configuration.seed
    value_function = configuration.hasValueFunction ? 1 : 0
    initial_log_std = configuration.initialLogStd
    state_dependent_exploration = configuration.hasStateDependentExploration ? 1 : 0
    rescale_actions = configuration.rescalesActions ? 1 : 0
    state_dependent_std = configuration.hasStateDependentStd ? 1 : 0
    layer_norm = configuration.hasLayerNorm ? 1 : 0
    shared_trunk = configuration.sharesTrunk ? 1 : 0
    initialization = configuration.initialization.rawValue
    bias = configuration.hasBias ? 1 : 0
  }

  /// What the engine takes, checked as far as C allows more than the engine's types do.
  func configuration() throws(Refusal) -> PolicyConfiguration {
    try require(observation_size, in: 1...Int64(Limits.size), "observation_size")
    var result = PolicyConfiguration(
      observationSize: Int(observation_size), parts: try actionParts(parts, part_count))
    result.activation = try knownCase(activation, "activation", "a pgrad_activation, 1 to 5")
    try require(hidden_count, in: 0...Int64(Limits.layers), "hidden_count")
    result.hiddenSizes = []
    for index in 0..<Int(hidden_count) {
      let size = try nonNull(hidden_sizes, "hidden_sizes")[index]
      try require(size, in: 1...Int64(Limits.size), "hidden_sizes[\(index)]")
      result.hiddenSizes.append(Int(size))
    }
    result.seed = seed
    result.hasValueFunction = try flag(value_function, "value_function")
    result.initialLogStd = initial_log_std
    result.hasStateDependentExploration = try flag(state_dependent_exploration, "state_dependent_exploration")
    result.rescalesActions = try flag(rescale_actions, "rescale_actions")
    result.hasStateDependentStd = try flag(state_dependent_std, "state_dependent_std")
    result.hasLayerNorm = try flag(layer_norm, "layer_norm")
    result.sharesTrunk = try flag(shared_trunk, "shared_trunk")
    result.initialization = try knownCase(initialization, "initialization", "a pgrad_initialization, 1 to 3")
    result.hasBias = try flag(bias, "bias")
    try require(reserved, in: 0...0, "reserved")
    return result
  }
}
