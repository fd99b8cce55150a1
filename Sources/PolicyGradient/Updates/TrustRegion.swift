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

  // How far the step is.

  private var phase = Phase.direction
  /// The objective without a step.
  private var before = 0.0
  private var isSearched = false
  /// The factor on the direction of the next step to try, and how many have been tried.
  private var length = 0.0
  private var attempts = 0

  private enum Phase { case direction, length }

  init(_ policy: Policy, _ configuration: AgentConfiguration, _ rolloutPass: RolloutPass) throws(Refusal) {
    self.policy = policy
    self.configuration = configuration
    self.rolloutPass = rolloutPass
    system = try ConjugateGradient(size: policy.parameters.count, policy.kernels)
    start = try Buffer(count: policy.parameters.count)
    direction = try Buffer(count: policy.parameters.count)
  }

  /// The rows that a step is computed from: the sequences at some places of their order.
  struct Rows {
    let rollout: Rollout
    let sequences: Sequences
    let places: Range<Int>
  }

  /// What a step leads to: the objective after it, and the divergence; 0 if no step was taken.
  typealias Result = (objective: Double, divergence: Double)

  /// Begins the step.
  ///
  /// - Parameters:
  ///   - gradient: g, the objective's gradient; 0 for the value function's parameters.
  ///   - before: The objective without a step.
  ///   - isSearched: Whether a line search shortens the step; otherwise its full length is taken.
  func begin(along gradient: Gradient, from before: Double, isSearched: Bool) {
    start.pointer.update(from: policy.parameters.pointer, count: start.count)
    direction.pointer.update(from: gradient.sum, count: start.count)
    policy.kernels.scale(direction.pointer, start.count, gradient.scale)
    system.begin(
      direction.pointer, steps: configuration.cgMaxSteps, relative: configuration.cgRelativeTolerance,
      absolute: configuration.cgAbsoluteTolerance)
    phase = .direction
    (self.before, self.isSearched) = (before, isSearched)
  }

  /// Continues the step by at least one block of rows, and at most one product with the Fisher matrix or one length.
  /// - Returns: The result when the step is complete.
  func advance(_ objective: PolicyObjective, _ rows: Rows, _ budget: TimeBudget) -> Result? {
    switch phase {
    case .direction:
      guard !system.needsProduct else {
        if multiplyByFisher(rows, budget) { system.step() }
        return nil
      }
      let curvature = system.curvature(direction.pointer)
      guard curvature > 0 else { return (before, 0) }
      policy.published.waitForReaders()
      length = (2 * configuration.targetKL / curvature).squareRoot()
      attempts = 0
      phase = .length
      return nil
    case .length:
      guard let found = compare(objective, rows, budget) else { return nil }
      if !isSearched || (found.divergence <= configuration.targetKL && found.objective > before) { return found }
      length *= configuration.lineSearchShrinkingFactor
      attempts += 1
      guard attempts == configuration.lineSearchMaxIterations else { return nil }
      policy.parameters.pointer.update(from: start.pointer, count: start.count)
      return (before, 0)
    }
  }

  /// Writes the mean of (F(sᵢ) + damping·1) p over the rows.
  /// - Returns: Whether the product is complete.
  private func multiplyByFisher(_ rows: Rows, _ budget: TimeBudget) -> Bool {
    if !rolloutPass.isRunning {
      rolloutPass.prepared.refresh(policy.parameters.pointer)
      rolloutPass.begin(rows.rollout, rows.sequences, rows.places)
    }
    let (vector, product) = (UnsafePointer(system.direction.pointer), system.product.pointer)
    let job = FisherJob(parameters: policy.parameters.pointer, prepared: rolloutPass.prepared, vector: vector)
    guard rolloutPass.advance(job, budget) else { return false }
    product.update(from: rolloutPass.sum, count: start.count)
    policy.kernels.scale(product, start.count, 1 / Float(rolloutPass.tally.rows))
    policy.kernels.addScaled(product, vector, Float(configuration.cgDamping), start.count)
    return true
  }

  /// Takes the step of the current length, and computes the objective and the divergence as means over the rows.
  /// - Returns: `nil` if they are not complete.
  private func compare(_ objective: PolicyObjective, _ rows: Rows, _ budget: TimeBudget) -> Result? {
    if !rolloutPass.isRunning {
      policy.parameters.pointer.update(from: start.pointer, count: start.count)
      policy.kernels.addScaled(policy.parameters.pointer, system.solution.pointer, Float(length), start.count)
      rolloutPass.begin(rows.rollout, rows.sequences, rows.places)
    }
    let job = ComparisonJob(
      parameters: policy.parameters.pointer, oldParameters: start.pointer, objective: objective,
      reversesDivergence: configuration.reversesDivergence)
    guard rolloutPass.advance(job, budget) else { return nil }
    let tally = rolloutPass.tally
    let mean = 1 / tally.rows
    return (
      objective.entropyCoefficient * (tally.entropy * mean) - tally.surrogate.loss * mean, tally.divergence * mean
    )
  }
}
