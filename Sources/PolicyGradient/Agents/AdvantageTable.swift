/// What every row of a rollout is worth: Ψ, the targets of the value function, and which rows count.
final class AdvantageTable {
  private let policy: Policy
  private let parallelPolicy: ParallelPolicy
  private let configuration: AgentConfiguration
  let estimator: any AdvantageEstimator

  /// Rows of the rollout that belong to trajectories of the batch, in the order of learning.
  private(set) var rows: Buffer<Int32>
  private(set) var count = 0
  private(set) var values: Buffer<Float>
  private(set) var advantages: Buffer<Float>
  private(set) var targets: Buffer<Float>
  private var words: Buffer<UInt32>
  /// Rewards as they are learned from, where those differ from what was told.
  private var rewards: Buffer<Float>
  private var logRatios: Buffer<Float>
  private let lastValues: Buffer<Float>

  init(_ policy: Policy, _ configuration: AgentConfiguration, _ parallelPolicy: ParallelPolicy, rows count: Int)
    throws(Refusal)
  {
    self.policy = policy
    self.parallelPolicy = parallelPolicy
    self.configuration = configuration
    estimator = configuration.makeEstimator()
    rows = try Buffer(count: count)
    values = try Buffer(count: count)
    advantages = try Buffer(count: count)
    targets = try Buffer(count: count)
    words = try Buffer(count: count)
    rewards = try Buffer(count: configuration.normalizesRewards ? count : 0)
    logRatios = try Buffer(count: estimator.needsRatios ? count : 0)
    lastValues = try Buffer(count: configuration.environments)
  }

  /// Makes ready for rollouts of so many rows.
  func reserve(rows count: Int) throws(Refusal) {
    guard count > rows.count else { return }
    // All or none: were one refused after another was replaced, the next call would believe that all are long enough.
    let rows = try Buffer<Int32>(count: count)
    let values = try Buffer<Float>(count: count)
    let advantages = try Buffer<Float>(count: count)
    let targets = try Buffer<Float>(count: count)
    let words = try Buffer<UInt32>(count: count)
    let rewards = try Buffer<Float>(count: configuration.normalizesRewards ? count : 0)
    let logRatios = try Buffer<Float>(count: estimator.needsRatios ? count : 0)
    self.rows = rows
    self.values = values
    self.advantages = advantages
    self.targets = targets
    self.words = words
    self.rewards = rewards
    self.logRatios = logRatios
  }

  /// Takes up a rollout.
  func begin(_ rollout: Rollout, _ normalizer: RewardNormalizer?) {
    normalizer?.normalize(rollout.rewards.pointer, count: rollout.rows, into: rewards.pointer)
    count = 0
    for row in 0..<rollout.rows where rollout.ages.pointer[row] != Rollout.leftOut {
      rows.pointer[count] = Int32(row)
      count += 1
    }
  }

  /// Weighs every row by the policy of now, valuing observations first where that is needed.
  func estimate(_ rollout: Rollout) throws(Refusal) {
    var known: TrajectoryBatch.Values?
    if estimator.needsValues {
      try parallelPolicy.value(rollout.observations.pointer, rows: rollout.rows, into: values.pointer)
      try parallelPolicy.value(rollout.currentObservations, rows: rollout.environments, into: lastValues.pointer)
      known = TrajectoryBatch.Values(
        current: values.pointer, final: rollout.finalValues.pointer, last: lastValues.pointer)
    }
    if estimator.needsRatios {
      try policy.logProbability(
        rollout.observations.pointer, as: .normalized, rollout.draws.pointer, areDraws: true,
        rows: rollout.rows, into: logRatios.pointer)
      policy.kernels.addScaled(logRatios.pointer, rollout.logProbabilities.pointer, -1, rollout.rows)
    }
    let batch = TrajectoryBatch(
      steps: rollout.steps, environments: rollout.environments,
      rewards: configuration.normalizesRewards ? rewards.pointer : rollout.rewards.pointer,
      terminated: rollout.terminated.pointer, truncated: rollout.truncated.pointer, ages: rollout.ages.pointer,
      gamma: configuration.gamma, values: known, logRatios: estimator.needsRatios ? logRatios.pointer : nil)
    estimator.estimate(
      batch, weights: advantages.pointer, targets: targets.pointer, scratch: scratch, policy.kernels)
    if configuration.advantageNormalization == .batch {
      let (shift, scale) = moments(0..<count)
      policy.kernels.shiftAndScale(advantages.pointer, rollout.rows, shift, scale)
    }
  }

  /// Weighs every row once more, by values that later epochs have taught.
  func estimateAgain(_ rollout: Rollout) throws(Refusal) {
    try rollout.forEachCut { row, observation throws(Refusal) in
      try parallelPolicy.value(observation, rows: 1, into: rollout.finalValues.pointer + row)
    }
    try estimate(rollout)
  }

  func shuffle(step: UInt64) {
    shuffleNumbers(
      rows.pointer, count, seed: configuration.seed, step: step, words: words.pointer, policy.kernels)
  }

  /// Room for a number for each row, between two shufflings.
  private var scratch: UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(words.pointer).assumingMemoryBound(to: Float.self)
  }

  /// Mean, and one over the standard deviation, of the advantages at some places of the order; a single row is left alone.
  func moments(_ places: Range<Int>) -> (shift: Float, scale: Float) {
    guard places.count > 1 else { return (0, 1) }
    policy.kernels.gatherRows(
      places.count, 1, advantages.pointer, 1, rows.pointer + places.lowerBound, scratch, 1)
    let mean = policy.kernels.sum(scratch, places.count) / Double(places.count)
    let squares = policy.kernels.sumOfSquaredDeviations(scratch, places.count, mean)
    let deviation = (squares / Double(places.count - 1)).squareRoot()
    return (Float(mean), Float(1 / (deviation + 1e-8)))
  }

  /// 1 - Var(target - V) / Var(target): 1 for a value function that knows all, 0 for one that knows the mean.
  var explainedVariance: Double {
    var (target, error, targetSquares, errorSquares) = (0.0, 0.0, 0.0, 0.0)
    for place in 0..<count {
      let row = Int(rows.pointer[place])
      target += Double(targets.pointer[row])
      error += Double(targets.pointer[row]) - Double(values.pointer[row])
    }
    target /= Double(count)
    error /= Double(count)
    for place in 0..<count {
      let row = Int(rows.pointer[place])
      let a = Double(targets.pointer[row]) - target
      let b = Double(targets.pointer[row]) - Double(values.pointer[row]) - error
      targetSquares += a * a
      errorSquares += b * b
    }
    return targetSquares > 0 ? 1 - errorSquares / targetSquares : .nan
  }
}

extension AgentConfiguration {
  fileprivate func makeEstimator() -> any AdvantageEstimator {
    switch estimator {
    case .wholeTrajectory: WholeTrajectory(hasBaseline: hasBaseline)
    case .rewardToGo: RewardToGo(hasBaseline: hasBaseline, discountsScores: discountsScores)
    case .gae: GeneralizedAdvantage(lambda: gaeLambda, discountsScores: discountsScores)
    case .leaveOneOut: LeaveOneOut(groupSize: comparedEnvironments ?? environments)
    case .groupNormalized, .groupCentered:
      GroupNormalized(
        groupSize: comparedEnvironments ?? environments, dividesByDeviation: estimator == .groupNormalized)
    case .vtrace: VTrace(lambda: gaeLambda, rhoClip: rhoClip, cClip: cClip, weighsRatios: algorithm == .a2c)
    }
  }
}
