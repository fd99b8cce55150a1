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

  // How far an estimate is that pauses when its time is used up.

  /// Sequences whose values and log-probabilities are known.
  private var valued = 0
  private var rated = 0
  /// Steps after which values are recomputed, and steps whose states ``carry`` includes.
  private var refreshed = 0
  private var carried = 0

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

  /// Forgets an estimate that was not completed.
  func restart() { (valued, rated, refreshed, carried) = (0, 0, 0, 0) }

  /// Estimates with the current policy. Computes the values of observations first, if they are needed.
  ///
  /// - Parameter sequences: The rows over which advantages are normalised, if that is done for the whole rollout.
  /// - Returns: Whether the estimates are complete; otherwise the budget is used up, and another call continues.
  func estimate(_ rollout: Rollout, over sequences: Sequences, _ budget: TimeBudget) throws(Refusal) -> Bool {
    let parameters = UnsafePointer(policy.parameters.pointer)
    var known: TrajectoryBatch.Values?
    if estimator.needsValues {
      let rows = rollout.policyRows(steps: rollout.steps + 1)
      guard try parallelPolicy.value(rows, by: parameters, from: &valued, budget, into: values.pointer) else {
        return false
      }
      known = TrajectoryBatch.Values(
        current: values.pointer, final: rollout.finalValues.pointer, last: values.pointer + rollout.rows)
    }
    if estimator.needsRatios {
      let rows = rollout.policyRows(steps: rollout.steps)
      guard
        try parallelPolicy.logProbability(
          rows, rollout.draws.pointer, by: parameters, from: &rated, budget, into: logRatios.pointer)
      else { return false }
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
    restart()
    return true
  }

  /// Estimates again, with the current values, for a later epoch.
  func estimateAgain(_ rollout: Rollout, over sequences: Sequences, _ budget: TimeBudget) throws(Refusal) -> Bool {
    guard try refreshFinalValues(of: rollout, budget) else { return false }
    return try estimate(rollout, over: sequences, budget)
  }

  /// Computes the values after truncated rows again. With memory, the states after these rows follow from all steps
  /// before.
  private func refreshFinalValues(of rollout: Rollout, _ budget: TimeBudget) throws(Refusal) -> Bool {
    let (environments, parameters) = (rollout.environments, UnsafePointer(policy.parameters.pointer))
    while refreshed < rollout.steps {
      let rows = refreshed * environments..<(refreshed + 1) * environments
      refreshed += 1
      guard rows.contains(where: rollout.isTruncated) else { continue }
      if rollout.stateSize > 0 {
        try parallelPolicy.value(
          rollout.policyRows(carried..<refreshed, carry: carry.pointer), by: parameters, into: values.pointer)
        carried = refreshed
      }
      try refreshFinalValues(of: rollout, in: rows, states: rollout.stateSize > 0 ? carry.pointer : nil)
      if budget.isUsedUp { return false }
    }
    return true
  }

  /// The same for some rows.
  ///
  /// - Parameter states: The hidden states of all environments after the step of these rows; `nil` without memory.
  private func refreshFinalValues(
    of rollout: Rollout, in rows: Range<Int>, states: UnsafePointer<Float>?
  ) throws(Refusal) {
    try rollout.forEachTruncated(in: rows) { row, stored throws(Refusal) in
      let state = states.map { $0 + (row - rows.lowerBound) * rollout.stateSize }
      try parallelPolicy.value(
        PolicyRows(stored, as: .packed, count: 1, states: state), by: policy.parameters.pointer,
        into: rollout.finalValues.pointer + row)
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
