import KernelShims

/// Moves a policy along its natural gradient, up to a KL divergence of δ. The direction does not depend on how the
/// policy is parametrised.
///
///     x = (F + damping·1)⁻¹ g,   θ ← θ + √(2δ / xᵀ(F + damping·1) x) x
///
/// where ½ Δᵀ F Δ is the divergence to second order. NPG takes this step. TRPO shortens it until the surrogate has
/// increased and the mean KL(π_old‖π) over the rollout is at most δ. If no length does, it takes no step.
/// - Source: Kakade, "A natural policy gradient" (2001); the length: Rajeswaran, Lowrey, Todorov & Kakade, "Towards
///   generalization and simplicity in continuous control" (2017); the search: Schulman, Levine, Moritz, Jordan &
///   Abbeel, "Trust region policy optimization" (2015), appendix C.
final class TrustRegion {
  private let policy: Policy
  private let configuration: AgentConfiguration
  private let rolloutPass: RolloutPass
  private let system: ConjugateGradient
  /// θ before the step.
  private let start: Buffer<Float>
  /// g.
  private let direction: Buffer<Float>

  init(_ policy: Policy, _ configuration: AgentConfiguration, _ rolloutPass: RolloutPass) throws(Refusal) {
    self.policy = policy
    self.configuration = configuration
    self.rolloutPass = rolloutPass
    system = try ConjugateGradient(size: policy.parameters.count, policy.kernels)
    start = try Buffer(count: policy.parameters.count)
    direction = try Buffer(count: policy.parameters.count)
  }

  /// The rows that an update learns from.
  struct Rows {
    let rollout: Rollout
    let sequences: Sequences
  }

  /// Takes the step.
  ///
  /// - Parameters:
  ///   - gradient: g, the objective's gradient; 0 for the value function's parameters.
  ///   - before: The objective without a step.
  ///   - isSearched: Whether a line search shortens the step; otherwise its full length is taken.
  /// - Returns: The objective after the step, and the divergence; 0 if no step was taken.
  func step(
    along gradient: Gradient, from before: Double, _ objective: PolicyObjective, _ rows: Rows, isSearched: Bool
  ) -> (objective: Double, divergence: Double) {
    let count = start.count
    let parameters = policy.parameters.pointer
    start.pointer.update(from: parameters, count: count)
    direction.pointer.update(from: gradient.sum, count: count)
    policy.kernels.scale(direction.pointer, count, gradient.scale)
    let curvature = system.solve(direction.pointer, steps: configuration.cgMaxSteps) { vector, product in
      multiplyByFisher(vector, rows, into: product)
      policy.kernels.addScaled(product, vector, Float(configuration.cgDamping), count)
    }
    guard curvature > 0 else { return (before, 0) }
    policy.published.waitForReaders()
    var length = (2 * configuration.targetKL / curvature).squareRoot()
    for _ in 0..<(isSearched ? configuration.lineSearchMaxIterations : 1) {
      parameters.update(from: start.pointer, count: count)
      policy.kernels.addScaled(parameters, system.solution.pointer, Float(length), count)
      let found = compare(objective, rows)
      if !isSearched || (found.divergence <= configuration.targetKL && found.objective > before) { return found }
      length *= configuration.lineSearchShrinkingFactor
    }
    parameters.update(from: start.pointer, count: count)
    return (before, 0)
  }

  /// Writes the mean of F(sᵢ) v over the rows.
  private func multiplyByFisher(
    _ vector: UnsafePointer<Float>, _ rows: Rows, into product: UnsafeMutablePointer<Float>
  ) {
    rolloutPass.prepared.refresh(policy.parameters.pointer)
    let job = FisherJob(parameters: policy.parameters.pointer, prepared: rolloutPass.prepared, vector: vector)
    let (sum, tally) = rolloutPass(job, rows.rollout, rows.sequences, 0..<rows.sequences.count)
    product.update(from: sum, count: start.count)
    policy.kernels.scale(product, start.count, 1 / Float(tally.rows))
  }

  /// The objective and KL(π_old‖π) of the current parameters, as means over the rows.
  private func compare(_ objective: PolicyObjective, _ rows: Rows) -> (objective: Double, divergence: Double) {
    let job = ComparisonJob(
      parameters: policy.parameters.pointer, oldParameters: start.pointer, objective: objective)
    let (_, tally) = rolloutPass(job, rows.rollout, rows.sequences, 0..<rows.sequences.count)
    let mean = 1 / tally.rows
    return (
      objective.entropyCoefficient * (tally.entropy * mean) - tally.surrogate.loss * mean, tally.divergence * mean
    )
  }
}
