/// The one backward pass of every algorithm: the weighted score, and the regression of the value function.
///
/// Holds what one worker needs for one block of rows; workers share the policy and the transposed weights, and write
/// gradients of their own.
final class ScorePass {
  private let policy: Policy
  private let actorTape: Tape
  private let criticTape: Tape?

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    actorTape = try Tape(policy.actor, policy.kernels)
    if let critic = policy.critic {
      criticTape = try Tape(critic, policy.kernels)
    } else {
      criticTape = nil
    }
  }

  /// Runs the policy network over a block of at most ``Tape/rows`` rows, for the functions below.
  func forward(_ observations: UnsafePointer<Float>, rows: Int) {
    actorTape.forward(observations, rows: rows, parameters: policy.parameters.pointer)
  }

  /// log π(a|s) of the block that ``forward(_:rows:)`` saw.
  func logProbability(_ actions: UnsafePointer<Float>, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>) {
    policy.space.logProbability(
      actorTape.outputs, policy.parameters.pointer + policy.spaceParameters, rows: rows, actions: actions,
      into: logProbabilities)
  }

  /// H(π(·|s)) of the block that ``forward(_:rows:)`` saw.
  func entropy(rows: Int, into entropies: UnsafeMutablePointer<Float>) {
    policy.space.entropy(
      actorTape.outputs, policy.parameters.pointer + policy.spaceParameters, rows: rows, into: entropies)
  }

  /// Adds Σᵢ wᵢ ∇θ log π(aᵢ|sᵢ) + β Σᵢ ∇θ H(π(·|sᵢ)) over the block that ``forward(_:rows:)`` saw.
  func accumulateScore(
    _ observations: UnsafePointer<Float>, _ actions: UnsafePointer<Float>, rows: Int, weights: UnsafePointer<Float>,
    entropyWeight: Float, transposes: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) {
    policy.space.score(
      actorTape.outputs, policy.parameters.pointer + policy.spaceParameters, rows: rows, actions: actions,
      weights: weights, entropyWeight: entropyWeight, outputGradients: actorTape.outputGradients,
      parameterGradients: gradient + policy.spaceParameters)
    actorTape.backward(observations, rows: rows, transposes: transposes, gradient: gradient)
  }

  /// Runs the value network over a block and adds Σᵢ gᵢ ∇θ V(sᵢ), where `weigh` turns the values into the weights gᵢ.
  func accumulateValue(
    _ observations: UnsafePointer<Float>, rows: Int, transposes: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>,
    weigh: (_ values: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let criticTape else { return }
    criticTape.forward(observations, rows: rows, parameters: policy.parameters.pointer)
    weigh(criticTape.outputs, criticTape.outputGradients)
    criticTape.backward(observations, rows: rows, transposes: transposes, gradient: gradient)
  }
}

/// The weights of both networks transposed, which every block of one gradient reads.
final class Transposes {
  private let policy: Policy
  private let memory: Buffer<Float>

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    memory = try Buffer(count: policy.actor.transposeCount + (policy.critic?.transposeCount ?? 0))
  }

  var actor: UnsafePointer<Float> { UnsafePointer(memory.pointer) }
  var critic: UnsafePointer<Float> { UnsafePointer(memory.pointer + policy.actor.transposeCount) }

  /// Takes up the policy's parameters as they are now.
  func refresh() {
    policy.actor.transpose(policy.parameters.pointer, into: memory.pointer, policy.kernels)
    policy.critic?.transpose(
      policy.parameters.pointer, into: memory.pointer + policy.actor.transposeCount, policy.kernels)
  }
}
