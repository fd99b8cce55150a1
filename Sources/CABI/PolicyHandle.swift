import CPGrad
import PolicyGradient

/// The object behind a `pgrad_policy` handle. Exclusive access is only for functions that change the policy.
final class PolicyHandle: ExclusivelyUsed {
  let policy: Policy
  let access: ExclusiveAccess
  let parts: CArray<pgrad_action_part>
  let observationParts: CArray<pgrad_observation_part>
  let convolutions: CArray<pgrad_convolution>
  let hiddenSizes: CArray<Int64>
  let valueHiddenSizes: CArray<Int64>?
  let tensors: CArray<pgrad_tensor>
  let scoreGradient: ScoreGradient

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    access = policy.access
    scoreGradient = try ScoreGradient(policy)
    parts = CArray(policy.configuration.parts.map { pgrad_action_part($0) })
    observationParts = CArray(policy.configuration.observationParts.map { pgrad_observation_part($0) })
    convolutions = CArray(policy.configuration.convolutions.map { pgrad_convolution($0) })
    hiddenSizes = CArray(policy.configuration.hiddenSizes.map { Int64($0) })
    valueHiddenSizes = policy.configuration.valueHiddenSizes.map { CArray($0.map { Int64($0) }) }
    tensors = CArray(policy.tensors.map { pgrad_tensor(name: $0.name, offset: $0.offset, shape: $0.shape) })
  }

  deinit {
    for index in 0..<Int(tensors.count) { free(UnsafeMutablePointer(mutating: tensors.pointer?[index].name)) }
  }
}

/// Widths of the default hidden layers; lives as long as the process.
nonisolated(unsafe) private let defaultHiddenSizes = CArray(
  PolicyConfiguration(observationSize: 0, parts: []).hiddenSizes.map { Int64($0) })

extension pgrad_policy_config: OptionStructure {
  /// All options except the sizes.
  static let fields: [OptionField<pgrad_policy_config, PolicyConfiguration>] = [
    .choice(\.activation, \.activation, "a pgrad_activation, 1 to 5"),
    .number(\.seed, \.seed),
    .flag(\.value_function, \.hasValueFunction),
    .number(\.initial_log_std, \.initialLogStd),
    .flag(\.state_dependent_exploration, \.hasStateDependentExploration),
    .flag(\.rescale_actions, \.rescalesActions),
    .flag(\.state_dependent_std, \.hasStateDependentStd),
    .flag(\.layer_norm, \.hasLayerNorm),
    .flag(\.shared_trunk, \.sharesTrunk),
    .choice(\.initialization, \.initialization, "a pgrad_initialization, 1 to 3"),
    .flag(\.bias, \.hasBias),
    .choice(\.encoder, \.encoder, "a pgrad_encoder, 0 to 3"),
    .choice(\.memory, \.memory, "a pgrad_memory, 0 to 2"),
    .count(\.memory_size, \.memorySize),
    .count(\.memory_layers, \.memoryLayers),
    .flag(\.value_memory, \.hasValueMemory),
    .flag(\.memory_first, \.hasMemoryFirst),
    .flag(\.expln, \.hasExpln),
    .flag(\.value_encoder, \.hasValueEncoder),
    .flag(\.shared_memory, \.sharesMemory),
  ]

  static var defaults: pgrad_policy_config {
    var config = pgrad_policy_config()
    config.set(PolicyConfiguration(observationSize: 0, parts: []))
    config.hidden_sizes = defaultHiddenSizes.pointer
    config.hidden_count = defaultHiddenSizes.count
    config.encoder_size = Int64(PolicyConfiguration.defaultEncoderSize)
    return config
  }

  init(_ handle: PolicyHandle) {
    let configuration = handle.policy.configuration
    self.init()
    set(configuration)
    observation_size = Int64(configuration.observationSize)
    parts = handle.parts.pointer
    part_count = handle.parts.count
    observation_parts = handle.observationParts.count > 0 ? handle.observationParts.pointer : nil
    observation_part_count = handle.observationParts.count
    convolutions = handle.convolutions.count > 0 ? handle.convolutions.pointer : nil
    convolution_count = handle.convolutions.count
    encoder_size = Int64(configuration.encoderSize)
    hidden_sizes = handle.hiddenSizes.pointer
    hidden_count = handle.hiddenSizes.count
    value_hidden_sizes = handle.valueHiddenSizes?.pointer
    value_hidden_count = handle.valueHiddenSizes?.count ?? 0
  }

  /// The engine's configuration. Refuses values that the engine's types cannot hold.
  func configuration() throws(Refusal) -> PolicyConfiguration {
    let observationParts = try readObservationParts(observation_parts, observation_part_count)
    let size =
      observation_size == 0 && !observationParts.isEmpty
      ? Int64(observationParts.reduce(0) { $0 + $1.columns }) : observation_size
    try require(size, in: 1...Int64(Limits.size), "observation_size")
    var result = PolicyConfiguration(observationSize: Int(size), parts: try actionParts(parts, part_count))
    result.observationParts = observationParts
    result.convolutions = try readConvolutions(convolutions, convolution_count)
    try require(encoder_size, in: 1...Int64(Limits.size), "encoder_size")
    result.encoderSize = Int(encoder_size)
    result.hiddenSizes = try layerSizes(hidden_sizes, hidden_count, "hidden")
    if value_hidden_sizes != nil || value_hidden_count != 0 {
      result.valueHiddenSizes = try layerSizes(value_hidden_sizes, value_hidden_count, "value_hidden")
    }
    try read(into: &result)
    let reservedFields = [
      ("reserved", reserved), ("reserved_2", reserved_2), ("reserved_3", reserved_3), ("reserved_4", reserved_4),
    ]
    for (name, value) in reservedFields { try require(value, in: 0...0, name) }
    return result
  }
}

/// Converts the sizes of hidden layers from C.
private func layerSizes(_ sizes: UnsafePointer<Int64>?, _ count: Int64, _ name: String) throws(Refusal) -> [Int] {
  try require(count, in: 0...Int64(Limits.layers), "\(name)_count")
  guard count > 0 else { return [] }
  guard let sizes else { throw Refusal(.invalidArgument, "\(name)_sizes is NULL") }
  var result: [Int] = []
  for index in 0..<Int(count) {
    try require(sizes[index], in: 1...Int64(Limits.size), "\(name)_sizes[\(index)]")
    result.append(Int(sizes[index]))
  }
  return result
}
