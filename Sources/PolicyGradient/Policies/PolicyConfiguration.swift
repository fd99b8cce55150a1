/// The options of a policy.
package struct PolicyConfiguration: Equatable, Sendable {
  package var observationSize: Int
  package var parts: [ActionPart]
  /// What the columns of an observation are; empty for one vector of ``observationSize`` numbers.
  package var observationParts: [ObservationPart] = []
  /// How networks read images.
  package var encoder = EncoderKind.automatic
  /// The convolutions of a custom encoder; empty for ``encoder``.
  package var convolutions: [ConvolutionFilter] = []
  /// Outputs of the custom encoder's dense layer.
  package var encoderSize = PolicyConfiguration.defaultEncoderSize
  package var hiddenSizes = [64, 64]
  /// Widths of the hidden layers of a value function with its own network; `nil` for ``hiddenSizes``.
  package var valueHiddenSizes: [Int]?
  package var activation = Activation.tanh
  package var seed: UInt64 = 0
  package var hasValueFunction = true
  package var initialLogStd: Float = 0
  /// Whether the network outputs the standard deviations of Gaussian and squashed Gaussian parts; otherwise they are
  /// parameters.
  package var hasStateDependentStd = false
  /// Whether those parts have state-dependent exploration: see ``Exploration``.
  package var hasStateDependentExploration = false
  /// Whether deviations of state-dependent exploration grow slower than e^s where s is above 0.
  package var hasExpln = false
  /// Whether means of bounded Gaussian parts are in units of half their range: see ``OutputScaling``.
  package var rescalesActions = false
  /// Whether hidden layers are normalised before their activation.
  package var hasLayerNorm = false
  /// Whether the value function is one layer on the policy's last hidden layer; otherwise it has its own network.
  package var sharesTrunk = false
  /// Whether a value function with its own network also has its own layers that read images and embeddings.
  package var hasValueEncoder = false
  /// The memory between the hidden layers and the outputs; with ``hasMemoryFirst`` below the hidden layers.
  package var memory = MemoryKind.none
  package var hasMemoryFirst = false
  /// Units of each layer of the memory.
  package var memorySize = 128
  package var memoryLayers = 1
  /// Whether a value function with its own network also has its own memory.
  package var hasValueMemory = true
  /// Whether a value function with its own network, but no own memory, reads the policy's memory. Its gradient does not
  /// reach the memory.
  package var sharesMemory = false
  package var initialization = Initialization.orthogonal
  package var hasBias = true

  package init(observationSize: Int, parts: [ActionPart]) {
    self.observationSize = observationSize
    self.parts = parts
  }

  /// Refuses invalid options, before memory is allocated.
  package func validate() throws(Refusal) {
    try require(observationSize, in: 1...Limits.size, "observation_size")
    try validateObservationParts()
    try require(parts.count, in: 1...Limits.parts, "part_count")
    for (index, part) in parts.enumerated() { try part.validate("parts[\(index)]") }
    try checkSizes(hiddenSizes, "hidden")
    try validate(for: ())
    try validateContradictions()
    try validateValueNetwork()
    // No sum of at most 194 products of sizes up to 2²⁷ overflows.
    let outputs = parts.reduce(0) { $0 + $1.outputs(stateDependentStd: stdDependsOnState) }
    try checkCount(parameterCount(hiddenSizes, outputs: outputs))
    let widths = hiddenSizes.reduce(outputs) { $0 + 5 * $1 } + (memory == .none ? 0 : 16 * memoryLayers * memorySize)
    try require(
      widths <= Limits.elements / 64, "the sum of hidden_sizes, memory_size and parts", "\(widths)",
      "be at most \(Limits.elements / 64)")
  }

  private func checkSizes(_ sizes: [Int], _ name: String) throws(Refusal) {
    try require(sizes.count, in: 0...Limits.layers, "\(name)_count")
    for (index, size) in sizes.enumerated() { try require(size, in: 1...Limits.size, "\(name)_sizes[\(index)]") }
  }

  private func checkCount(_ count: Int) throws(Refusal) {
    try require(
      count <= Limits.elements / 2, "the number of parameters", "\(count)", "be at most \(Limits.elements / 2)")
  }

  private func validateValueNetwork() throws(Refusal) {
    guard let sizes = valueHiddenSizes else { return }
    try require(
      hasValueFunction && !sharesTrunk, "value_hidden_sizes", "\(sizes)",
      "be left out unless the value function has its own network")
    try checkSizes(sizes, "value_hidden")
    try checkCount(parameterCount(sizes, outputs: 1))
    let widths = sizes.reduce(1) { $0 + 5 * $1 }
    try require(
      widths <= Limits.elements / 64, "the sum of value_hidden_sizes", "\(widths)",
      "be at most \(Limits.elements / 64)")
  }

  /// Refuses options that contradict each other.
  private func validateContradictions() throws(Refusal) {
    try require(
      !sharesTrunk || (hasValueFunction && (!hiddenSizes.isEmpty || memory != .none)), "shared_trunk", "1",
      "be 0 without a value function, or without hidden layers or a memory to share")
    try require(
      hasValueMemory || memory == .none || !sharesTrunk, "value_memory", "0", "be 1 with shared_trunk")
    try require(
      memory != .none || !hasMemoryFirst, "memory_first", "1", "be 0 without a memory")
    try require(
      hasBias || !stdDependsOnState || initialLogStd == 0, "initial_log_std", "\(initialLogStd)",
      "be 0 if bias is 0 and state_dependent_std or state_dependent_exploration is 1: a bias would hold it")
    try require(
      !sharesMemory || (memory != .none && hasValueFunction && !sharesTrunk && !hasValueMemory && !hasValueEncoder),
      "shared_memory", "1",
      "be 0 unless there is a memory, and the value function has its own network, without a memory or encoder of its own"
    )
    try validateRescaling()
    try validateValueEncoder()
    try require(
      hasStateDependentExploration || !hasExpln, "expln", "1", "be 0 unless state_dependent_exploration is 1")
    guard hasStateDependentExploration else { return }
    try require(
      !hasStateDependentStd, "state_dependent_exploration", "1",
      "be 0 if state_dependent_std is 1: each of them defines σ")
    try require(
      parts.contains { $0.kind.distribution.traits.hasLogStd }, "state_dependent_exploration", "1",
      "be 0 without a Gaussian or squashed Gaussian part")
  }

  private func validateValueEncoder() throws(Refusal) {
    let hasReaders = observationParts.contains { $0.parameterCount(encoder(for:), hasBias: hasBias) > 0 }
    try require(
      !hasValueEncoder || (hasReaders && hasValueFunction && !sharesTrunk), "value_encoder", "1",
      "be 0 unless the value function has its own network, and observation_parts have images or embeddings")
  }

  private func validateRescaling() throws(Refusal) {
    guard rescalesActions else { return }
    try require(
      parts.contains { $0.halfRange != nil }, "rescale_actions", "1", "be 0 without a Gaussian part with finite bounds")
    guard stdDependsOnState else { return }
    try require(hasBias, "rescale_actions", "1", "be 0 if bias is 0 and the network gives log σ")
    let largest = parts.reduce(initialLogStd) { max($0, initialLogStd + $1.logStdShift) }
    try require(
      largest <= 2, "initial_log_std", "\(initialLogStd)",
      "be smaller: with rescale_actions log σ starts at \(largest), and a network gives at most 2")
  }

  /// Whether the network outputs the deviations of Gaussian and squashed Gaussian parts, in either way.
  var stdDependsOnState: Bool { hasStateDependentStd || hasStateDependentExploration }

  /// The initial log standard deviation of each Gaussian and squashed Gaussian column.
  var initialLogStds: [Float] {
    parts.flatMap { part in
      let count = part.kind.distribution.traits.hasLogStd ? part.size : 0
      return [Float](repeating: initialLogStd + (rescalesActions ? part.logStdShift : 0), count: count)
    }
  }

  /// The number of parameters of a network with these hidden layers and `outputs` outputs.
  private func parameterCount(_ sizes: [Int], outputs: Int) -> Int {
    var count = observationParts.reduce(0) { $0 + $1.parameterCount(encoder(for:), hasBias: hasBias) }
    var width = features
    func addMemory() {
      for _ in 0..<(memory == .none ? 0 : memoryLayers) {
        count += (width + memorySize + (hasBias ? 2 : 0)) * memory.gates * memorySize
        width = memorySize
      }
    }
    if hasMemoryFirst { addMemory() }
    for next in sizes {
      count += (width + (hasBias ? 1 : 0) + (hasLayerNorm ? 2 : 0)) * next
      width = next
    }
    if !hasMemoryFirst { addMemory() }
    return count + (width + (hasBias ? 1 : 0)) * outputs
  }
}

extension PolicyConfiguration {
  /// Refuses parts of the observation and an encoder that are out of range, and a size that does not fit them.
  func validateObservationParts() throws(Refusal) {
    try require(observationParts.count, in: 0...Limits.parts, "observation_part_count")
    try validateEncoder()
    for (index, part) in observationParts.enumerated() {
      try part.validate("observation_parts[\(index)]", encoder(for:))
    }
    guard let columns = observationParts.places.last, !observationParts.isEmpty else { return }
    try require(
      observationSize == columns, "observation_size", "\(observationSize)",
      "be the columns of observation_parts, \(columns)")
    try require(
      features <= Limits.elements / 64, "the sum of the features of observation_parts", "\(features)",
      "be at most \(Limits.elements / 64)")
  }

  /// Numbers that the first layer reads: the observation, or the features of its parts.
  var features: Int {
    observationParts.isEmpty ? observationSize : observationParts.reduce(0) { $0 + $1.features(encoder(for:)) }
  }
}

extension PolicyConfiguration: OptionTable {
  /// All options except the sizes: `observation_size`, `parts`, `hidden_sizes` and `value_hidden_sizes`.
  package static let options: [Option<PolicyConfiguration, Void>] = [
    Option("activation", \.activation),
    Option("seed", \.seed),
    Option("value_function", \.hasValueFunction),
    Option("initial_log_std", \.initialLogStd, .within(-20...2)),
    Option("state_dependent_std", \.hasStateDependentStd),
    Option("state_dependent_exploration", \.hasStateDependentExploration),
    Option("rescale_actions", \.rescalesActions),
    Option("layer_norm", \.hasLayerNorm),
    Option("shared_trunk", \.sharesTrunk),
    Option("initialization", \.initialization),
    Option("bias", \.hasBias),
    Option("encoder", \.encoder, since: 2),
    Option("memory", \.memory, since: 2),
    Option("memory_size", \.memorySize, .within(1...Limits.size), since: 2),
    Option("memory_layers", \.memoryLayers, .within(1...Limits.layers), since: 2),
    Option("value_memory", \.hasValueMemory, since: 2),
    Option("memory_first", \.hasMemoryFirst, since: 2),
    Option("expln", \.hasExpln, since: 3),
    Option("value_encoder", \.hasValueEncoder, since: 3),
    Option("shared_memory", \.sharesMemory, since: 3),
  ]
}
