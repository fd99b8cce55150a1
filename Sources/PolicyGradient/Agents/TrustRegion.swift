/// Moves a policy along its natural gradient, which does not depend on how the policy is parametrised, as far as a divergence
/// of δ.
///
///     x = (F + damping·1)⁻¹ g,   θ ← θ + √(2δ / xᵀ(F + damping·1) x) x
///
/// where ½ Δᵀ F Δ is the divergence to second order. NPG leaves it at that. TRPO measures what was hoped for: it shortens the
/// step until the surrogate has truly risen and the mean KL(π_old‖π) over the rollout is truly at most δ, and else takes none.
/// - Source: Kakade, "A natural policy gradient" (2001); the length: Rajeswaran, Lowrey, Todorov & Kakade, "Towards
///   generalization and simplicity in continuous control" (2017); the search: Schulman, Levine, Moritz, Jordan & Abbeel, "Trust
///   region policy optimization" (2015), appendix C.
final class TrustRegion {
  private let policy: Policy
  private let configuration: AgentConfiguration
  private let fisher: FisherProduct
  private let comparison: PolicyComparison
  private let system: ConjugateGradient
  /// θ before the step.
  private let start: Buffer<Float>
  /// g.
  private let direction: Buffer<Float>

  init(_ policy: Policy, _ configuration: AgentConfiguration, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    self.policy = policy
    self.configuration = configuration
    fisher = try FisherProduct(policy, workers, rows: rows)
    comparison = try PolicyComparison(policy, workers, rows: rows)
    system = try ConjugateGradient(size: policy.parameters.count, policy.kernels)
    start = try Buffer(count: policy.parameters.count)
    direction = try Buffer(count: policy.parameters.count)
  }

  /// Takes the step.
  ///
  /// - Parameters:
  ///   - gradient: g, of the surrogate by the parameters; 0 for those of the value function.
  ///   - before: The surrogate without a step.
  ///   - job: The rollout's rows, and how they are weighed.
  /// - Returns: The surrogate with the step, and its divergence: 0 where none was taken.
  func step(
    along gradient: Gradient, from before: Double, _ job: MinibatchJob
  ) -> (surrogate: Double, divergence: Double) {
    let count = start.count
    start.pointer.update(from: policy.parameters.pointer, count: count)
    direction.pointer.update(from: gradient.sum, count: count)
    policy.kernels.scale(direction.pointer, count, gradient.scale)
    let curvature = system.solve(direction.pointer, steps: configuration.cgMaxSteps) { vector, product in
      fisher(job.rollout.observations.pointer, rows: job.rows, count: job.count, vector: vector, into: product)
      policy.kernels.addScaled(product, vector, Float(configuration.cgDamping), count)
    }
    guard curvature > 0 else { return (before, 0) }
    var length = (2 * configuration.targetKL / curvature).squareRoot()
    let isSearched = configuration.algorithm == .trpo
    for _ in 0..<(isSearched ? configuration.lineSearchMaxIterations : 1) {
      policy.parameters.pointer.update(from: start.pointer, count: count)
      policy.kernels.addScaled(policy.parameters.pointer, system.solution.pointer, Float(length), count)
      let found = comparison(job, old: start.pointer)
      let surrogate = found.surrogate + job.score.entropyCoefficient * found.entropy
      if !isSearched || (found.divergence <= configuration.targetKL && surrogate > before) {
        return (surrogate, found.divergence)
      }
      length *= configuration.lineSearchShrinkingFactor
    }
    policy.parameters.pointer.update(from: start.pointer, count: count)
    return (before, 0)
  }
}
