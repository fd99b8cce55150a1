/// One share of a minibatch on its way through forward and backward pass, a block of rows at a time.
///
/// Each shard adds into a gradient of its own; see ``Shards``.
final class ShardPass {
  let gradient: Buffer<Float>
  private(set) var tally = UpdateTally()

  private let policy: Policy
  private let pass: ScorePass
  private let observations: Buffer<Float>
  private let actions: Buffer<Float>
  private let scalars: Buffer<Float>

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    gradient = try Buffer(count: policy.parameters.count)
    pass = try ScorePass(policy)
    observations = try Buffer(count: Tape.rows * policy.observationSize)
    actions = try Buffer(count: Tape.rows * policy.actionSize)
    scalars = try Buffer(count: Tape.rows * 8)
  }

  /// Sums the gradient of `job`, not yet divided by the number of rows, over the given places of its minibatch.
  func run(_ job: MinibatchJob, places: Range<Int>) {
    gradient.pointer.update(repeating: 0, count: gradient.count)
    tally = UpdateTally(rows: places.count)
    var first = places.lowerBound
    while first < places.upperBound {
      let count = min(Tape.rows, places.upperBound - first)
      block(job, job.rows + first, count)
      first += count
    }
  }

  private func block(_ job: MinibatchJob, _ rows: UnsafePointer<Int32>, _ count: Int) {
    let kernels = policy.kernels
    let rollout = job.rollout
    let (width, columns) = (policy.observationSize, policy.actionSize)
    kernels.gatherRows(count, width, rollout.observations.pointer, width, rows, observations.pointer, width)
    let targets = scalars.pointer
    let oldValues = targets + Tape.rows
    if let regression = job.regression {
      kernels.gatherRows(count, 1, regression.targets, 1, rows, targets, 1)
      kernels.gatherRows(count, 1, regression.oldValues, 1, rows, oldValues, 1)
    }
    guard job.movesPolicy else {
      if let regression = job.regression {
        pass.accumulateValue(
          observations.pointer, rows: count, throughTrunk: false, transposes: job.transposes,
          gradient: gradient.pointer
        ) { regress(regression, $0, oldValues, targets, count, $1) }
      }
      return
    }

    let logProbabilities = oldValues + Tape.rows
    let weights = logProbabilities + Tape.rows
    let scratch = weights + Tape.rows
    kernels.gatherRows(count, columns, rollout.draws.pointer, columns, rows, actions.pointer, columns)
    pass.forward(observations.pointer, rows: count)
    pass.entropy(rows: count, into: scratch)
    tally.entropy += kernels.sum(scratch, count)
    pass.logProbability(actions.pointer, rows: count, into: logProbabilities)
    job.score.weigh(
      rollout, rows, count, logProbabilities: logProbabilities, gathered: scratch + Tape.rows, into: weights,
      scratch: scratch, tally: &tally.surrogate, kernels)
    let entropyWeights = scratch + 3 * Tape.rows
    entropyWeights.update(repeating: Float(job.score.entropyCoefficient), count: count)
    guard let regression = job.regression else {
      return pass.accumulateScore(
        observations.pointer, actions.pointer, rows: count, weights: weights, entropyWeights: entropyWeights,
        transposes: job.transposes, gradient: gradient.pointer)
    }
    pass.accumulate(
      observations.pointer, actions.pointer, rows: count, weights: weights, entropyWeights: entropyWeights,
      transposes: job.transposes, gradient: gradient.pointer
    ) { regress(regression, $0, oldValues, targets, count, $1) }
  }

  private func regress(
    _ regression: MinibatchJob.Regression, _ values: UnsafePointer<Float>, _ oldValues: UnsafePointer<Float>,
    _ targets: UnsafePointer<Float>, _ count: Int, _ slopes: UnsafeMutablePointer<Float>
  ) {
    tally.valueLoss += regression.rule.weigh(
      values, oldValues: oldValues, targets: targets, count: count, scale: regression.coefficient, into: slopes)
  }
}
