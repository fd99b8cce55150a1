import KernelShims

/// The estimates for every row of a rollout: Ψ, the targets of the value function, and the values used for both.
final class AdvantageTable {
  private let policy: Policy
  private let parallelPolicy: ParallelPolicy
  private let configuration: AgentConfiguration
  private let ranks: Ranks
  let estimator: any AdvantageEstimator

  /// One value per row, then the values of the observations to act on next.
  private(set) var values: Buffer<Float>
  private(set) var advantages: Buffer<Float>
  private(set) var targets: Buffer<Float>
  /// Normalised rewards; empty if rewards are not normalised.
  private var rewards: Buffer<Float>
  private var logRatios: Buffer<Float>
  /// One float per row.
  private var scratch: Buffer<Float>
  /// Hidden states, if values are recomputed with a memory.
  private let carry: Buffer<Float>

  init(
    _ policy: Policy, _ configuration: AgentConfiguration, _ parallelPolicy: ParallelPolicy, _ ranks: Ranks,
    rows count: Int
  ) throws(Refusal) {
    self.policy = policy
    self.parallelPolicy = parallelPolicy
    self.configuration = configuration
    self.ranks = ranks
    estimator = configuration.makeEstimator()
    values = try Buffer(count: count + configuration.environments)
    advantages = try Buffer(count: count)
    targets = try Buffer(count: count)
    scratch = try Buffer(count: count)
    carry = try Buffer(count: configuration.recomputesAdvantages ? configuration.environments * policy.stateSize : 0)
    rewards = try Buffer(count: configuration.normalizesRewards ? count : 0)
    logRatios = try Buffer(count: estimator.needsRatios ? count : 0)
  }

  /// Prepares for rollouts of `count` rows.
  func reserve(rows count: Int) throws(Refusal) {
    guard count > advantages.count else { return }
    // All or none: if only some were replaced, the next call would assume that all are long enough.
    let values = try Buffer<Float>(count: count + configuration.environments)
    let advantages = try Buffer<Float>(count: count)
    let targets = try Buffer<Float>(count: count)
    let scratch = try Buffer<Float>(count: count)
    let rewards = try Buffer<Float>(count: configuration.normalizesRewards ? count : 0)
    let logRatios = try Buffer<Float>(count: estimator.needsRatios ? count : 0)
    self.values = values
    self.advantages = advantages
    self.targets = targets
    self.scratch = scratch
    self.rewards = rewards
    self.logRatios = logRatios
  }

  /// Normalises the rewards of a rollout, if that is configured.
  func begin(_ rollout: Rollout, _ normalizer: RewardNormalizer?) {
    normalizer?.normalize(rollout.rewards.pointer, count: rollout.rows, into: rewards.pointer)
  }

  /// Estimates with the current policy. Computes the values of observations first, if they are needed.
  ///
  /// - Parameter sequences: The rows over which advantages are normalised, if that is done for the whole rollout.
  func estimate(_ rollout: Rollout, over sequences: Sequences) throws(Refusal) {
    var known: TrajectoryBatch.Values?
    if estimator.needsValues {
      try parallelPolicy.value(rollout.policyRows(steps: rollout.steps + 1), into: values.pointer)
      known = TrajectoryBatch.Values(
        current: values.pointer, final: rollout.finalValues.pointer, last: values.pointer + rollout.rows)
    }
    if estimator.needsRatios {
      try parallelPolicy.logProbability(
        rollout.policyRows(steps: rollout.steps), rollout.draws.pointer, into: logRatios.pointer)
      policy.kernels.addScaled(logRatios.pointer, rollout.logProbabilities.pointer, -1, rollout.rows)
    }
    let batch = TrajectoryBatch(
      steps: rollout.steps, environments: rollout.environments,
      rewards: configuration.normalizesRewards ? rewards.pointer : rollout.rewards.pointer,
      terminated: rollout.terminated.pointer, truncated: rollout.truncated.pointer,
      episodeSteps: rollout.episodeSteps.pointer,
      gamma: configuration.gamma, values: known, logRatios: estimator.needsRatios ? logRatios.pointer : nil)
    estimator.estimate(
      batch, weights: advantages.pointer, targets: targets.pointer, scratch: scratch.pointer, policy.kernels)
    if configuration.advantageNormalization == .batch {
      let rows = sequences.activeRows(in: 0..<sequences.count)
      let (shift, scale) = moments(rows.numbers, count: rows.count)
      policy.kernels.shiftAndScale(advantages.pointer, rollout.rows, shift, scale)
    }
  }

  /// Estimates again, with the current values, for a later epoch.
  func estimateAgain(_ rollout: Rollout, over sequences: Sequences) throws(Refusal) {
    if rollout.stateSize > 0 {
      try refreshFinalValuesOverTime(of: rollout)
    } else {
      try refreshFinalValues(of: rollout, in: 0..<rollout.rows, states: nil)
    }
    try estimate(rollout, over: sequences)
  }

  /// Computes the values after truncated rows again.
  ///
  /// - Parameter states: The hidden states of all environments after the step of these rows; `nil` without memory.
  private func refreshFinalValues(
    of rollout: Rollout, in rows: Range<Int>, states: UnsafePointer<Float>?
  ) throws(Refusal) {
    try rollout.forEachTruncated(in: rows) { row, stored throws(Refusal) in
      let state = states.map { $0 + (row - rows.lowerBound) * rollout.stateSize }
      try parallelPolicy.value(
        PolicyRows(stored, as: .packed, count: 1, states: state), into: rollout.finalValues.pointer + row)
    }
  }

  /// The same with memory: the states after truncated rows follow from all steps before.
  private func refreshFinalValuesOverTime(of rollout: Rollout) throws(Refusal) {
    let environments = rollout.environments
    var first = 0
    for step in 0..<rollout.steps {
      let rows = step * environments..<(step + 1) * environments
      guard rows.contains(where: rollout.isTruncated) else { continue }
      try parallelPolicy.value(rollout.policyRows(first..<step + 1, carry: carry.pointer), into: values.pointer)
      try refreshFinalValues(of: rollout, in: rows, states: carry.pointer)
      first = step + 1
    }
  }

  /// The mean and 1/deviation of the advantages of some rows; (0, 1) for a single row.
  func moments(_ rows: UnsafePointer<Int32>, count: Int) -> (shift: Float, scale: Float) {
    let kernels = policy.kernels
    kernels.gatherRows(
      count, 1, Rows(base: advantages.pointer, stride: 1), rows, MutableRows(base: scratch.pointer, stride: 1))
    var sums = (rows: Double(count), values: kernels.sum(scratch.pointer, count))
    ranks.sum(&sums.rows)
    ranks.sum(&sums.values)
    guard sums.rows > 1 else { return (0, 1) }
    let mean = sums.values / sums.rows
    var squares = kernels.sumOfSquaredDeviations(scratch.pointer, count, mean)
    ranks.sum(&squares)
    let deviation = (squares / (sums.rows - 1)).squareRoot()
    return (Float(mean), Float(1 / (deviation + 1e-8)))
  }

  /// 1 - Var(target - V) / Var(target) over some rows: 1 for a value function that equals its targets, 0 for one that
  /// equals their mean.
  ///
  /// NaN if the targets vary by no more than the rounding of floats, 2⁻²¹ of their mean.
  func explainedVariance(_ rows: UnsafePointer<Int32>, count own: Int) -> Double {
    var (count, target, error, targetSquares, errorSquares) = (Double(own), 0.0, 0.0, 0.0, 0.0)
    for place in 0..<own {
      let row = Int(rows[place])
      target += Double(targets.pointer[row])
      error += Double(targets.pointer[row]) - Double(values.pointer[row])
    }
    ranks.sum(&count)
    ranks.sum(&target)
    ranks.sum(&error)
    target /= count
    error /= count
    for place in 0..<own {
      let row = Int(rows[place])
      let a = Double(targets.pointer[row]) - target
      let b = Double(targets.pointer[row]) - Double(values.pointer[row]) - error
      targetSquares += a * a
      errorSquares += b * b
    }
    ranks.sum(&targetSquares)
    ranks.sum(&errorSquares)
    let rounding = count * target * target * 0x1p-42
    return targetSquares > rounding ? 1 - errorSquares / targetSquares : .nan
  }
}
