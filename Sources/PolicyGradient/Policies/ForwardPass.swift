/// What one thread needs to run a policy forward, a block of rows at a time.
final class ForwardPass {
  let actorTape: Tape
  let criticTape: Tape?
  /// Random numbers of a block.
  let scratch: Buffer<Float>
  /// Noise of a block, and a matrix that it comes from, where exploration depends on the state.
  let noise: Buffer<Float>
  /// What a block comes to, until all of it is known to be finite.
  let results: Buffer<Float>

  init(_ actor: MLP, _ critic: MLP?, _ space: ActionSpace, _ kernels: KernelSet) throws(Refusal) {
    actorTape = try Tape(actor, kernels)
    if let critic { criticTape = try Tape(critic, kernels) } else { criticTape = nil }
    scratch = try Buffer(count: Tape.rows * space.widest)
    results = try Buffer(count: Tape.rows * (space.columns + 1))
    noise = try Buffer(count: Tape.rows * actor.explored.count + (actorTape.exploration?.matrixSize ?? 0))
  }

  /// A further one for a policy.
  convenience init(_ policy: Policy) throws(Refusal) {
    try self.init(policy.actor, policy.critic, policy.space, policy.kernels)
  }
}
