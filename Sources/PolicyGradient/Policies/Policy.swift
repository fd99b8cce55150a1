/// A stochastic policy π(a|s, θ) with an optional value function V(s), and all their parameters in one flat vector.
package final class Policy {
  package let configuration: PolicyConfiguration
  package let observationSize: Int
  package let parameters: Buffer<Float>

  let space: ActionSpace
  /// The same with pre-squash actions in squashed columns: what is sampled, and what is learned from.
  let drawSpace: ActionSpace
  let kernels: KernelSet
  let actor: MLP
  /// The value network; where it shares the policy's trunk, one layer on that.
  let critic: MLP?
  /// Where the parameters of the distributions themselves begin, after the policy network's.
  let spaceParameters: Int

  /// Calls of ``sample(_:masks:rows:actions:logProbabilities:)`` so far; the random draws of a call are keyed by it.
  package internal(set) var draws: UInt64 = 0

  /// What observations pass through before the networks see them; an agent that normalises them gives its policy one.
  package internal(set) var normalizer: ObservationNormalizer?

  /// What a call on one thread needs.
  let pass: ForwardPass
  /// Where the results of its public functions wait to be complete.
  let staging: Staging
  /// Agents and optimizers of the policy take turns with it.
  package let turn = Turn()

  /// Columns of an action.
  package var actionSize: Int { space.columns }
  /// Flags that a row of masks has.
  package var maskSize: Int { space.flags }
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
    let space = ActionSpace(configuration.parts, stateDependentStd: configuration.stdDependsOnState, kernels)
    let (size, hidden, style) = (configuration.observationSize, configuration.hiddenSizes, configuration.style)
    let actor = MLP(
      inputs: size, hidden: hidden, outputs: space.outputs, style,
      explored: configuration.hasStateDependentExploration ? space.logStdOutputs.flatMap(Array.init) : [],
      scaling: configuration.rescalesActions ? OutputScaling(space) : nil, at: 0)
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
    drawSpace = ActionSpace(
      configuration.parts, stateDependentStd: configuration.stdDependsOnState, holdsDraws: true, kernels)
    self.actor = actor
    self.critic = critic
    observationSize = configuration.observationSize
    spaceParameters = actor.end
    parameters = try Buffer(count: critic?.end ?? actorEnd)
    pass = try ForwardPass(actor, critic, space, kernels)
    staging = try Staging(columns: space.columns + 1)
  }

  /// Gains of the initialisation's own in hidden layers, 0.01 in the policy's last and 1 in the value's last; biases and
  /// shifts are zero, except the biases of log standard deviations, and scales one;
  /// zero are the weights of explored columns too.
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
    for column in actor.explored {
      for input in 0..<actor.last.inputs {
        parameters.pointer[actor.last.weight + input * actor.last.outputs + column] = 0
      }
    }
    let logStds = configuration.initialLogStds
    if let bias = actor.last.bias {
      for (column, logStd) in zip(space.logStdOutputs.flatMap(Array.init), logStds) {
        parameters.pointer[bias + column] = logStd
      }
    }
    for index in 0..<space.parameters { parameters.pointer[spaceParameters + index] = logStds[index] }
  }
}

extension Policy {
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
