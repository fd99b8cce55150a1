/// A stochastic policy π(a|s, θ) with an optional value function V(s), and all their parameters in one flat vector.
package final class Policy {
  package let configuration: PolicyConfiguration
  package let observationSize: Int
  package let parameters: Buffer<Float>

  let space: ActionSpace
  let kernels: KernelSet
  let actor: MLP
  /// The value network; where it shares the policy's trunk, one layer on that.
  let critic: MLP?
  /// Where the parameters of the distributions themselves begin, after the policy network's.
  let spaceParameters: Int

  /// Calls of ``sample(_:rows:actions:logProbabilities:)`` so far; the random draws of a call are keyed by it.
  package internal(set) var draws: UInt64 = 0

  /// What observations pass through before the networks see them; an agent that normalises them gives its policy one.
  package internal(set) var normalizer: ObservationNormalizer?

  /// What a call on one thread needs.
  let pass: ForwardPass

  /// Columns of an action.
  package var actionSize: Int { space.columns }
  package var hasValueFunction: Bool { critic != nil }

  /// Creates a policy with freshly drawn parameters.
  package convenience init(_ configuration: PolicyConfiguration) throws(Refusal) {
    try self.init(uninitialized: configuration)
    try initialize()
  }

  /// Creates a policy whose parameters are all zero, for a file to fill.
  init(uninitialized configuration: PolicyConfiguration) throws(Refusal) {
    try configuration.validate()
    let kernels = KernelSet.best
    let space = ActionSpace(configuration.parts, stateDependentStd: configuration.hasStateDependentStd, kernels)
    let (size, hidden, style) = (configuration.observationSize, configuration.hiddenSizes, configuration.style)
    let actor = MLP(inputs: size, hidden: hidden, outputs: space.outputs, style, at: 0)
    let actorEnd = actor.end + space.parameters
    let critic: MLP? =
      if !configuration.hasValueFunction {
        nil
      } else if configuration.sharesTrunk {
        MLP(inputs: actor.trunkWidth, hidden: [], outputs: 1, style, hasTrunk: true, at: actorEnd)
      } else {
        MLP(inputs: size, hidden: hidden, outputs: 1, style, at: actorEnd)
      }
    self.configuration = configuration
    self.kernels = kernels
    self.space = space
    self.actor = actor
    self.critic = critic
    observationSize = configuration.observationSize
    spaceParameters = actor.end
    parameters = try Buffer(count: critic?.end ?? actorEnd)
    pass = try ForwardPass(actor, critic, space, kernels)
  }

  /// Gains of the initialisation's own in hidden layers, 0.01 in the policy's last and 1 in the value's last; biases and
  /// shifts are zero, except the biases of log standard deviations, and scales one.
  private func initialize() throws(Refusal) {
    let initialization = configuration.initialization
    for (network, number, lastGain) in [(actor, 0, 0.01), (critic, 1, 1.0)] {
      guard let network else { continue }
      for (index, layer) in network.layers.enumerated() {
        try initialization.fill(
          parameters.pointer + layer.weight, inputs: layer.inputs, outputs: layer.outputs,
          gain: index == network.layers.count - 1 ? lastGain : initialization.hiddenGain, seed: configuration.seed,
          index: 2 * index + number, kernels)
        if let norm = layer.norm { (parameters.pointer + norm.scale).update(repeating: 1, count: layer.outputs) }
      }
    }
    if let bias = actor.last.bias {
      for range in space.logStdOutputs {
        (parameters.pointer + bias + range.lowerBound).update(
          repeating: configuration.initialLogStd, count: range.count)
      }
    }
    (parameters.pointer + spaceParameters).update(repeating: configuration.initialLogStd, count: space.parameters)
  }

  // MARK: Acting

  /// Draws an action for each observation, with its log-probability; each call draws anew.
  package func sample(
    _ observations: UnsafePointer<Float>, rows: Int, actions: UnsafeMutablePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) {
    sample(
      observations, rows: 0..<rows, on: pass, seed: configuration.seed, step: draws, actions: actions,
      logProbabilities: logProbabilities)
    draws &+= 1
  }

  /// Draws for some of the rows, with random numbers keyed by the given seed, step and a row's number.
  func sample(
    _ observations: UnsafePointer<Float>, as form: ObservationForm = .raw, rows: Range<Int>, on pass: ForwardPass,
    seed: UInt64, step: UInt64, actions: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>?
  ) {
    let unwanted = pass.scratch.pointer + Tape.rows * space.widest
    forEachBlock(observations, as: form, rows, on: pass) { outputs, first, count in
      space.sample(
        outputs, parameters.pointer + spaceParameters, rows: count, seed: seed, step: step, firstRow: first,
        scratch: pass.scratch.pointer, actions: actions + first * space.columns,
        logProbabilities: logProbabilities.map { $0 + first } ?? unwanted)
    }
  }

  /// Writes the action that stands for the distribution of each observation: see ``Distribution/mode(_:rows:actions:)``.
  package func mode(_ observations: UnsafePointer<Float>, rows: Int, actions: UnsafeMutablePointer<Float>) {
    forEachBlock(observations, 0..<rows, on: pass) { outputs, first, count in
      space.mode(
        outputs, parameters.pointer + spaceParameters, rows: count, actions: actions + first * space.columns)
    }
  }

  // MARK: Evaluating

  /// log π(a|s) of given actions.
  package func logProbability(
    _ observations: UnsafePointer<Float>, _ actions: UnsafePointer<Float>, rows: Int,
    into logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logProbability(observations, as: .raw, actions, rows: rows, into: logProbabilities)
  }

  func logProbability(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, _ actions: UnsafePointer<Float>, rows: Int,
    into logProbabilities: UnsafeMutablePointer<Float>
  ) {
    forEachBlock(observations, as: form, 0..<rows, on: pass) { outputs, first, count in
      space.logProbability(
        outputs, parameters.pointer + spaceParameters, rows: count, actions: actions + first * space.columns,
        into: logProbabilities + first)
    }
  }

  /// H(π(·|s)), in nats.
  package func entropy(
    _ observations: UnsafePointer<Float>, rows: Int, into entropies: UnsafeMutablePointer<Float>
  ) {
    forEachBlock(observations, 0..<rows, on: pass) { outputs, first, count in
      space.entropy(outputs, parameters.pointer + spaceParameters, rows: count, into: entropies + first)
    }
  }

  /// KL(π ‖ other) of each observation; `other` sees as many numbers and acts in the same space.
  package func divergence(
    from other: Policy, _ observations: UnsafePointer<Float>, rows: Int, into divergences: UnsafeMutablePointer<Float>
  ) {
    let (own, others) = (parameters.pointer + spaceParameters, other.parameters.pointer + other.spaceParameters)
    forEachBlock(observations, 0..<rows, on: pass) { outputs, first, count in
      let block = other.seen(observations + first * observationSize, rows: count)
      other.pass.actorTape.forward(block, rows: count, parameters: other.parameters.pointer)
      space.divergence(
        outputs, own, from: other.space, other.pass.actorTape.outputs, others, rows: count, into: divergences + first)
    }
  }

  /// V(s); refused without a value function.
  package func value(
    _ observations: UnsafePointer<Float>, rows: Int, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    guard hasValueFunction else {
      throw Refusal(.badState, "the policy has no value function; create it with value_function = 1")
    }
    value(observations, as: .raw, rows: 0..<rows, on: pass, into: values)
  }

  /// V(s) of some of the rows, by a policy that has it.
  func value(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, rows: Range<Int>, on pass: ForwardPass,
    into values: UnsafeMutablePointer<Float>
  ) {
    guard let critic, let criticTape = pass.criticTape else { return }
    forEachBlock(of: observations, as: form, rows) { block, first, count in
      let inputs =
        critic.hasTrunk ? pass.actorTape.forwardTrunk(block, rows: count, parameters: parameters.pointer) : block
      criticTape.forward(inputs, rows: count, parameters: parameters.pointer)
      (values + first).update(from: criticTape.outputs, count: count)
    }
  }

  /// Refuses actions outside the space.
  package func check(_ actions: UnsafePointer<Float>, rows: Int) throws(Refusal) {
    try space.check(actions, rows: rows)
  }

  /// Refuses another policy that sees or does other things, so that no divergence from it is defined.
  package func checkComparable(_ other: Policy, _ name: @autoclosure () -> String) throws(Refusal) {
    try require(
      other.observationSize == observationSize, "observation_size of \(name())", "\(other.observationSize)",
      "be the policy's, \(observationSize)")
    let (parts, others) = (space.parts, other.space.parts)
    try require(
      others.count == parts.count, "part_count of \(name())", "\(others.count)", "be the policy's, \(parts.count)")
    for (index, pair) in zip(parts, others).enumerated() {
      try require(
        pair.0.isSame(as: pair.1), "parts[\(index)] of \(name())", "\(pair.1)", "be the policy's, \(pair.0)")
    }
  }

  /// A block of at most ``Tape/rows`` raw observations as the networks see it; valid until the next call.
  func seen(_ observations: UnsafePointer<Float>, rows: Int) -> UnsafePointer<Float> {
    normalizer?.normalized(observations, rows: rows) ?? observations
  }

  /// Runs the policy network over rows, a block at a time: `body` gets its outputs, the block's first row and its length.
  private func forEachBlock(
    _ observations: UnsafePointer<Float>, as form: ObservationForm = .raw, _ rows: Range<Int>, on pass: ForwardPass,
    _ body: (_ outputs: UnsafePointer<Float>, _ first: Int, _ count: Int) -> Void
  ) {
    forEachBlock(of: observations, as: form, rows) { block, first, count in
      pass.actorTape.forward(block, rows: count, parameters: parameters.pointer)
      body(pass.actorTape.outputs, first, count)
    }
  }

  /// Walks rows a block at a time: `body` gets the block as the networks see it, its first row and its length.
  private func forEachBlock(
    of observations: UnsafePointer<Float>, as form: ObservationForm, _ rows: Range<Int>,
    _ body: (_ block: UnsafePointer<Float>, _ first: Int, _ count: Int) -> Void
  ) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let count = min(Tape.rows, rows.upperBound - first)
      let block = observations + first * observationSize
      body(form == .raw ? seen(block, rows: count) : block, first, count)
      first += count
    }
  }
}

/// Whether observations are as the world told them, or as the networks see them.
enum ObservationForm { case raw, normalized }
