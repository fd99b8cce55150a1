/// The one backward pass of every algorithm: the weighted score, and the regression of the value function.
///
/// Holds what one worker needs for one block of rows; workers share the policy and the transposed weights, and write
/// gradients of their own.
final class ScorePass {
  private let policy: Policy
  /// Of the actions that are scored: the policy's draws, unless it is told otherwise.
  var space: ActionSpace
  private let actorTape: Tape
  private let criticTape: Tape?
  /// What a value head hands to the trunk that it shares with the policy.
  private let trunkGradients: Buffer<Float>?

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    space = policy.drawSpace
    actorTape = try Tape(policy.actor, policy.kernels)
    if let critic = policy.critic {
      criticTape = try Tape(critic, policy.kernels)
      trunkGradients = critic.hasTrunk ? try Buffer(count: Tape.rows * critic.inputs) : nil
    } else {
      criticTape = nil
      trunkGradients = nil
    }
  }

  /// Runs the policy network over a block of at most ``Tape/rows`` rows, for the functions below.
  func forward(_ observations: UnsafePointer<Float>, rows: Int, masks: UnsafePointer<UInt8>? = nil) {
    actorTape.forward(observations, rows: rows, parameters: policy.parameters.pointer)
    if let masks { policy.space.mask(actorTape.outputs, rows: rows, by: masks) }
  }

  /// log π(a|s) of the block that ``forward(_:rows:masks:)`` saw.
  func logProbability(_ actions: UnsafePointer<Float>, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>) {
    space.logProbability(
      actorTape.outputs, policy.parameters.pointer + policy.spaceParameters, rows: rows, actions: actions,
      into: logProbabilities)
  }

  /// H(π(·|s)) of the block that ``forward(_:rows:masks:)`` saw.
  func entropy(rows: Int, into entropies: UnsafeMutablePointer<Float>) {
    policy.space.entropy(
      actorTape.outputs, policy.parameters.pointer + policy.spaceParameters, rows: rows, into: entropies)
  }

  /// Adds Σᵢ wᵢ ∇θ log π(aᵢ|sᵢ) + Σᵢ βᵢ ∇θ H(π(·|sᵢ)) over the block that ``forward(_:rows:masks:)`` saw.
  func accumulateScore(
    _ observations: UnsafePointer<Float>, _ actions: UnsafePointer<Float>, rows: Int, weights: UnsafePointer<Float>,
    entropyWeights: UnsafePointer<Float>, transposes: Transposes, gradient: UnsafeMutablePointer<Float>
  ) {
    writeScore(actions, rows, weights, entropyWeights, gradient)
    actorTape.backward(
      observations, rows: rows, parameters: policy.parameters.pointer, transposes: transposes.actor, gradient: gradient)
  }

  /// Adds Σᵢ F(sᵢ) v over the block that ``forward(_:rows:masks:)`` saw, F = E[∇θ log π ∇θ log πᵀ] being the Fisher matrix and v the
  /// `direction`: exactly Jᵀ M J v, with J how the outputs follow the parameters and M the distributions' own matrix.
  func accumulateFisher(
    _ observations: UnsafePointer<Float>, rows: Int, along direction: UnsafePointer<Float>, transposes: Transposes,
    product: UnsafeMutablePointer<Float>
  ) {
    let parameters = policy.parameters.pointer
    actorTape.tangent(observations, rows: rows, parameters: parameters, along: direction)
    policy.space.applyFisher(
      actorTape.outputs, parameters + policy.spaceParameters, rows: rows, outputTangents: actorTape.outputGradients,
      parameterTangents: direction + policy.spaceParameters, parameterProducts: product + policy.spaceParameters)
    actorTape.backward(
      observations, rows: rows, parameters: parameters, transposes: transposes.actor, gradient: product)
  }

  /// Turns values into the weights gᵢ of Σᵢ gᵢ ∇θ V(sᵢ).
  typealias ValueWeighing = (_ values: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>) -> Void

  /// Runs the value function over a block and adds Σᵢ gᵢ ∇θ V(sᵢ); by a trunk that belongs to the policy too only if asked.
  func accumulateValue(
    _ observations: UnsafePointer<Float>, rows: Int, throughTrunk: Bool = true, transposes: Transposes,
    gradient: UnsafeMutablePointer<Float>, weigh: ValueWeighing
  ) {
    guard let criticTape else { return }
    let parameters = policy.parameters.pointer
    guard let trunkGradients else {
      criticTape.forward(observations, rows: rows, parameters: parameters)
      weigh(criticTape.outputs, criticTape.outputGradients)
      criticTape.backward(
        observations, rows: rows, parameters: parameters, transposes: transposes.critic, gradient: gradient)
      return
    }
    actorTape.forwardTrunk(observations, rows: rows, parameters: parameters)
    accumulateHead(criticTape, rows, transposes, gradient, trunkGradients.pointer, weigh)
    guard throughTrunk else { return }
    actorTape.backwardTrunk(
      observations, rows: rows, parameters: parameters, transposes: transposes.actor, gradient: gradient,
      trunkGradients: trunkGradients.pointer)
  }

  /// ``accumulateScore(_:_:rows:weights:entropyWeights:transposes:gradient:)`` and
  /// ``accumulateValue(_:rows:transposes:gradient:weigh:)`` in one: a trunk that both share is gone through once.
  func accumulate(
    _ observations: UnsafePointer<Float>, _ actions: UnsafePointer<Float>, rows: Int, weights: UnsafePointer<Float>,
    entropyWeights: UnsafePointer<Float>, transposes: Transposes, gradient: UnsafeMutablePointer<Float>,
    weigh: ValueWeighing
  ) {
    guard let criticTape, let trunkGradients else {
      accumulateScore(
        observations, actions, rows: rows, weights: weights, entropyWeights: entropyWeights, transposes: transposes,
        gradient: gradient)
      return accumulateValue(observations, rows: rows, transposes: transposes, gradient: gradient, weigh: weigh)
    }
    accumulateHead(criticTape, rows, transposes, gradient, trunkGradients.pointer, weigh)
    writeScore(actions, rows, weights, entropyWeights, gradient)
    actorTape.backward(
      observations, rows: rows, parameters: policy.parameters.pointer, transposes: transposes.actor, gradient: gradient,
      joining: trunkGradients.pointer)
  }

  private func writeScore(
    _ actions: UnsafePointer<Float>, _ rows: Int, _ weights: UnsafePointer<Float>,
    _ entropyWeights: UnsafePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    space.score(
      actorTape.outputs, policy.parameters.pointer + policy.spaceParameters, rows: rows, actions: actions,
      weights: weights, entropyWeights: entropyWeights, outputGradients: actorTape.outputGradients,
      parameterGradients: gradient + policy.spaceParameters)
  }

  /// The value head alone, on a trunk that has run; writes the gradient by that trunk.
  private func accumulateHead(
    _ criticTape: Tape, _ rows: Int, _ transposes: Transposes, _ gradient: UnsafeMutablePointer<Float>,
    _ trunkGradients: UnsafeMutablePointer<Float>, _ weigh: ValueWeighing
  ) {
    let parameters = policy.parameters.pointer
    criticTape.forward(actorTape.trunkOutputs, rows: rows, parameters: parameters)
    weigh(criticTape.outputs, criticTape.outputGradients)
    criticTape.backward(
      actorTape.trunkOutputs, rows: rows, parameters: parameters, transposes: transposes.critic, gradient: gradient,
      inputGradients: trunkGradients)
  }
}
