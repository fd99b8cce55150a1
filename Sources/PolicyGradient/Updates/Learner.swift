/// Learns from a full rollout: estimates advantages, then updates the policy and its value function by the algorithm.
///
/// An update can pause after any block of rows. Its bits do not depend on where it pauses.
final class Learner {
  let optimizer: Optimizer
  /// Numbers that adapt to the divergence of past updates.
  var control: AdaptiveControl
  var host = HostNumbers()
  let policy: Policy
  let configuration: AgentConfiguration
  let ranks: Ranks
  let algorithm: any Algorithm
  let sequences: Sequences
  let table: AdvantageTable
  let rolloutPass: RolloutPass
  /// For algorithms that move along the natural gradient; otherwise `nil`.
  let trustRegion: TrustRegion?
  let signal: GradientSignal

  /// Steps of the longest rollout that there is memory for.
  private(set) var capacity: Int

  // How far the update is.

  /// The update, also after it has ended.
  var update: Update
  /// Whether an update has begun that is neither committed nor rolled back.
  var hasUpdate = false
  var stage = Stage.due
  /// Whether the update has begun to change policy and optimizer.
  var isOpen = false
  /// Whether ``advance(_:)`` is being called.
  var isAdvancing = false
  var statistics = UpdateStatistics()
  var ascent = GradientAscent()
  var naturalAscent = NaturalAscent()
  var minibatchScale = MinibatchScale()
  /// Time spent in ``advance(_:)``.
  var seconds = 0.0
  /// Steps of the latest update whose rollout and estimates are still whole; 0 if there is none.
  var learnedSteps = 0

  var estimator: any AdvantageEstimator { table.estimator }

  /// - Parameter rollout: Like the rollouts that it will learn from.
  init(
    _ policy: Policy, _ configuration: AgentConfiguration, _ workers: WorkerPool, _ parallelPolicy: ParallelPolicy,
    _ ranks: Ranks, _ rollout: Rollout
  ) throws(Refusal) {
    let (steps, count) = (rollout.capacity, rollout.capacity * configuration.environments)
    self.policy = policy
    self.configuration = configuration
    self.ranks = ranks
    capacity = steps
    algorithm = configuration.algorithm
    optimizer = try Optimizer(policy, configuration.optimizerConfiguration)
    control = AdaptiveControl(penalty: configuration.klCoefficient)
    sequences = try Sequences(
      rows: count, length: policy.stateSize > 0 ? configuration.sequenceLength : nil,
      groups: configuration.shuffleGroups, seed: configuration.seed, ranks, policy.kernels)
    table = try AdvantageTable(policy, configuration, parallelPolicy, ranks, rows: count)
    var isNatural = false
    if case .naturalGradient = algorithm.step { isNatural = true }
    let length = configuration.sequenceSteps(policy, steps: steps)
    rolloutPass = try RolloutPass(
      policy, workers, ranks, rows: configuration.mostGradientRows(of: count, steps: length), steps: length,
      comparesPolicies: isNatural)
    trustRegion = isNatural ? try TrustRegion(policy, configuration, rolloutPass) : nil
    signal = try GradientSignal(parameters: algorithm.usesMinibatches ? policy.shape.policyEnd : 0, policy.kernels)
    let numbers = ScheduledNumbers(configuration, control, host, remaining: 1)
    update = Update(
      rollout: rollout, numbers: numbers, weighting: algorithm.weighting(configuration, numbers), trajectories: 0,
      number: 0)
  }

  /// The inputs of one update.
  struct Update {
    let rollout: Rollout
    let numbers: ScheduledNumbers
    let weighting: any ScoreWeighting
    /// How many whole trajectories the rollouts of all ranks hold.
    let trajectories: Double
    /// Counts rollouts from 0; part of the key of the shuffle.
    let number: Int64
  }

  enum Stage { case due, estimating, ascending, complete }

  /// Prepares for rollouts of so many steps.
  func reserve(steps: Int) throws(Refusal) {
    let count = steps * configuration.environments
    let length = configuration.sequenceSteps(policy, steps: steps)
    try rolloutPass.reserve(rows: configuration.mostGradientRows(of: count, steps: length), steps: length)
    try sequences.reserve(rows: count)
    try table.reserve(rows: count)
    capacity = steps
  }

  /// Shuffles the sequences for a step of the policy that uses only some of them; no epoch has the same key.
  func shuffleForStep() { sequences.shuffle(step: .max - UInt64(update.number)) }

  /// Shuffles the sequences for an epoch. Epochs are counted from 0 in each update.
  func shuffle(epoch: Int) {
    sequences.shuffle(step: UInt64(update.number) &* UInt64(configuration.epochs) &+ UInt64(epoch))
  }
}
