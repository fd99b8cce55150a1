import KernelShims

/// A stochastic policy π(a|s, θ) with an optional value function V(s), and all their parameters in one flat vector.
///
/// Reading needs no exclusive access. A call works on a pass of its own, which sees the parameters and the normaliser
/// as they were before or after an update: see ``withPass(_:)``. Draws are keyed by the caller or by an atomic counter.
package final class Policy {
  package let configuration: PolicyConfiguration
  package let observationSize: Int
  /// Floats of the hidden state of one sequence; 0 without memory.
  package let stateSize: Int
  package let parameters: Buffer<Float>

  let shape: PolicyShape
  let space: ActionSpace
  /// The same with pre-squash actions in squashed columns: the space of draws, which sampling and learning use.
  let drawSpace: ActionSpace
  let kernels: KernelSet
  /// Of readers.
  let passes: ScratchPool<PolicyPass>
  let published: PublishedParameters
  let publishedMoments: PublishedMoments

  /// Applied to observations before the networks. Set by an agent with `normalize_observations`.
  package internal(set) var normalizer: ObservationNormalizer? {
    didSet {
      oldValue?.published = nil
      normalizer?.published = publishedMoments
      publishedMoments.publish(normalizer?.moments, limit: normalizer?.limit ?? 0)
    }
  }

  let publishedNote = PublishedNote()

  /// Shared with the policy's agents and optimizers, so that one thread at a time changes the policy.
  package let access = ExclusiveAccess()

  /// The keys of draws whose caller names none.
  private let drawKeys: DrawKeys

  /// Columns of an action.
  package var actionSize: Int { space.columns }
  /// Flags in one row of masks.
  package var maskSize: Int { space.flags }
  package var hasValueFunction: Bool { network.valueLeaf != nil }

  var network: Network { shape.network }
  /// The dense layers from the observation to the distribution's parameters.
  ///
  /// - Throws: `.unsupported` if other layers lie between them.
  package func policyLayers() throws(Refusal) -> [Dense] {
    guard let layers = network.policyLayers else {
      throw Refusal(.unsupported, "the policy has a memory; only dense layers can be computed exactly")
    }
    return layers
  }
  /// Where the distributions' own parameters begin, after the policy network's.
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
    passes = try ScratchPool { () throws(Refusal) in try PolicyPass(shape, view: PolicyView(parameters), stages: true) }
    published = PublishedParameters(parameters, passes.slots)
    publishedMoments = try PublishedMoments(columns: shape.observationSize)
    self.configuration = configuration
    self.shape = shape
    observationSize = shape.observationSize
    stateSize = shape.network.stateSize
    space = shape.space
    drawSpace = shape.drawSpace
    kernels = shape.kernels
    self.parameters = parameters
    drawKeys = try DrawKeys(slots: ScratchPool<PolicyPass>.keptCount)
  }

  /// Calls `body` with a pass of this call, whose ``PolicyPass/view`` shows the policy as it is now.
  @inline(__always) func withPass(_ body: (PolicyPass) throws(Refusal) -> Void) throws(Refusal) {
    try passes.withScratch { (pass, _) throws(Refusal) in
      try refresh(pass)
      try body(pass)
    }
  }

  /// The same with a key for the draws of this call. A refused call takes no key.
  ///
  /// - Parameter named: The key that the caller names; `nil` for the next one.
  @inline(__always) func withPass(
    drawKey named: UInt64?, _ body: (PolicyPass, _ key: UInt64) throws(Refusal) -> Void
  ) throws(Refusal) {
    try passes.withScratch { (pass, slot) throws(Refusal) in
      try refresh(pass)
      let key = named ?? drawKeys.take(slot)
      do throws(Refusal) {
        try body(pass, key)
      } catch {
        if named == nil { drawKeys.giveBack(key, slot) }
        throw error
      }
    }
  }

  /// Shows a call what readers see now. The thread holds a slot of the policy's readers until the call ends.
  ///
  /// Fields of the view are read one by one: counting references to it would take 1/60 of the time of one action.
  @inline(__always) func refresh(_ pass: PolicyPass) throws(Refusal) {
    guard let seen = pass.view?.parameters else { return }
    let current = published.current
    // Written only if it changes, since other threads read what lies in the same cache line.
    if seen != current { pass.view?.parameters = current }
    if pass.view?.version != publishedMoments.currentVersion { try refreshNormalizer(of: pass) }
  }

  @inline(never) private func refreshNormalizer(of pass: PolicyPass) throws(Refusal) {
    guard let view = pass.view else { return }
    var own = view.normalizer
    let (limit, version) = try publishedMoments.read { () throws(Refusal) in
      if let own { return own.moments }
      let made = try makeNormalizer(limit: 1)
      own = made
      return made.moments
    }
    if let limit, let own {
      own.limit = limit
      own.refresh()
    }
    view.setNormalizer(limit == nil ? nil : own, version: version)
  }

  /// The parameters that a pass uses.
  @inline(__always) func parameters(for pass: PolicyPass) -> UnsafePointer<Float> {
    pass.view?.parameters ?? UnsafePointer(parameters.pointer)
  }

  /// Calls `body` with the parameters that readers see now.
  package func withParameters(_ body: (UnsafePointer<Float>) throws(Refusal) -> Void) throws(Refusal) {
    try withPass { (pass) throws(Refusal) in try body(parameters(for: pass)) }
  }

  /// Calls `body` with the moments of the normaliser that readers see now; `nil` without a normaliser.
  package func withMoments(_ body: (RunningMoments?) throws(Refusal) -> Void) throws(Refusal) {
    try withPass { (pass) throws(Refusal) in try body(pass.view?.normalizer?.moments) }
  }

  /// Calls of ``sample(_:actions:draws:logProbabilities:)`` so far; after calls that overlapped, a larger number. The
  /// random draws of the next call are keyed by it.
  package internal(set) var draws: UInt64 {
    get { drawKeys.next }
    set { drawKeys.next = newValue }
  }
}

extension Policy {
  /// Draws the weights as ``Tensor/initial`` states: with the initialization's gain in hidden layers, 0.01 in the
  /// policy's last layer and 1 in the value's. Log standard deviations start at the configuration's value. If the
  /// network outputs them, it is stored in the last layer's bias. With state-dependent exploration their weights are 0.
  private func initialize() throws(Refusal) {
    for tensor in network.tensors {
      try tensor.initialize(
        parameters.pointer, configuration.initialization, seed: configuration.seed, kernels)
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

  /// Runs `body`. If it throws, restores the policy's normaliser.
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

  /// Creates the policy's normaliser if it has none, and sets its limit.
  func normalizeObservations(limit: Double) throws(Refusal) {
    if let normalizer {
      normalizer.limit = limit
      normalizer.refresh()
    } else {
      normalizer = try makeNormalizer(limit: limit)
    }
    // Makes the first pass's copy, so that acting allocates nothing.
    try withPass { _ in }
  }
}
