import KernelShims

/// A stochastic policy π(a|s, θ) with an optional value function V(s), and all their parameters in one flat vector.
///
/// Reading needs no exclusive access: it works on a pass from ``passes``, and draws are keyed by the caller or by an
/// atomic counter.
package final class Policy {
  package let configuration: PolicyConfiguration
  package let observationSize: Int
  package let parameters: Buffer<Float>

  let shape: PolicyShape
  let space: ActionSpace
  /// The same with pre-squash actions in squashed columns: what is sampled, and what is learned from.
  let drawSpace: ActionSpace
  let kernels: KernelSet
  let passes: PassPool

  /// What observations pass through before the networks; an agent that normalises observations gives its policy one.
  package internal(set) var normalizer: ObservationNormalizer?

  /// A text of the host, kept in files; at most ``Limits/noteBytes`` bytes of UTF-8, without zero bytes.
  package internal(set) var note = ""

  /// Shared with the policy's agents and optimizers, so that one thread at a time uses any of them.
  package let access = ExclusiveAccess()

  /// Calls of ``sample(_:masks:rows:actions:draws:logProbabilities:)`` so far.
  private let counter: UnsafeMutablePointer<Int64>

  /// Columns of an action.
  package var actionSize: Int { space.columns }
  /// Flags that a row of masks has.
  package var maskSize: Int { space.flags }
  package var hasValueFunction: Bool { network.valueLeaf != nil }

  var network: Network { shape.network }
  /// The dense layers from the observation to the distribution's parameters.
  package var policyLayers: [Dense] { network.policyLayers }
  /// Where the parameters of the distributions themselves begin, after the policy network's.
  var distributionOffset: Int { shape.distributionOffset }

  /// Creates a policy with freshly drawn parameters.
  package convenience init(_ configuration: PolicyConfiguration) throws(Refusal) {
    try self.init(uninitialized: configuration)
    try initialize()
  }

  /// Creates a policy whose parameters are all zero, for a file to fill.
  init(uninitialized configuration: PolicyConfiguration) throws(Refusal) {
    try configuration.validate()
    let shape = PolicyShape(configuration, .best)
    let parameters = try Buffer<Float>(count: shape.parameterCount)
    passes = try PassPool(shape)
    self.configuration = configuration
    self.shape = shape
    observationSize = shape.observationSize
    space = shape.space
    drawSpace = shape.drawSpace
    kernels = shape.kernels
    self.parameters = parameters
    counter = .allocate(capacity: 1)
    counter.initialize(to: 0)
  }

  deinit { counter.deallocate() }

  // MARK: Draws

  /// Calls of ``sample(_:masks:rows:actions:draws:logProbabilities:)`` so far; the random draws of a call are keyed by it.
  package internal(set) var draws: UInt64 {
    get { UInt64(bitPattern: kernel_atomic_load(counter)) }
    set { kernel_atomic_store(counter, Int64(bitPattern: newValue)) }
  }

  /// A key for the draws of one call; no other call gets the same.
  func nextDrawKey() -> UInt64 { UInt64(bitPattern: kernel_atomic_add(counter, 1)) }

  /// Gives back the key of a refused call, unless another call has already taken the next key.
  func returnDrawKey(_ draw: UInt64) {
    _ = kernel_atomic_replace(counter, Int64(bitPattern: draw &+ 1), Int64(bitPattern: draw))
  }
}

extension Policy {
  /// Weights are drawn as ``Tensor/initial`` says: gains of the initialization's own in hidden layers, 0.01 in the
  /// policy's last and 1 in the value's last. Log standard deviations begin where the configuration says; where the
  /// network gives them, in its bias, and with weights of zero where exploration depends on the state.
  private func initialize() throws(Refusal) {
    for tensor in network.tensors {
      let place = parameters.pointer + tensor.offset
      switch tensor.initial {
      case .constant(let value): place.update(repeating: value, count: tensor.count)
      case .weight(let gain, let index):
        try configuration.initialization.fill(
          place, inputs: tensor.shape[0], outputs: tensor.shape[1],
          gain: gain ?? configuration.initialization.hiddenGain, seed: configuration.seed, index: index, kernels)
      }
    }
    let head = network.head.dense
    for column in network.head.exploration?.columns ?? [] {
      for input in 0..<head.inputs { parameters.pointer[head.weight + input * head.outputs + column] = 0 }
    }
    let logStds = configuration.initialLogStds
    if let bias = head.bias {
      for (column, logStd) in zip(space.logStdOutputs.flatMap(Array.init), logStds) {
        parameters.pointer[bias + column] = logStd
      }
    }
    for index in 0..<space.parameters { parameters.pointer[distributionOffset + index] = logStds[index] }
  }

  /// Runs `body` and, if it is refused, gives the policy back the normaliser that it had.
  package func restoringNormalizer(_ body: () throws(Refusal) -> Void) throws(Refusal) {
    let (normalizer, limit) = (normalizer, normalizer?.limit)
    do throws(Refusal) {
      try body()
    } catch {
      if let limit { normalizer?.limit = limit }
      self.normalizer = normalizer
      throw error
    }
  }

  /// Gives the policy a normaliser if it has none, and the one it has this limit.
  func normalizeObservations(limit: Double) throws(Refusal) {
    if let normalizer {
      normalizer.limit = limit
    } else {
      normalizer = try ObservationNormalizer(columns: observationSize, limit: limit)
    }
  }
}
