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
