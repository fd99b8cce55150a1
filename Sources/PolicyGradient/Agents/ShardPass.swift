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
    scalars = try Buffer(count: Tape.rows * 7)
  }

  /// Computes the gradient of `job` over the given places of its minibatch.
  func run(_ job: MinibatchJob, places: Range<Int>) {
    gradient.pointer.update(repeating: 0, count: gradient.count)
    tally = UpdateTally()
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
    kernels.gatherRows(count, columns, rollout.actions.pointer, columns, rows, actions.pointer, columns)

    let logProbabilities = scalars.pointer
    let old = logProbabilities + Tape.rows
    let advantages = old + Tape.rows
    let weights = advantages + Tape.rows
    let scratch = weights + Tape.rows
    kernels.gatherRows(count, 1, rollout.logProbabilities.pointer, 1, rows, old, 1)
    kernels.gatherRows(count, 1, job.advantages, 1, rows, advantages, 1)
    kernels.shiftAndScale(advantages, count, job.advantageShift, job.advantageScale)

    pass.forward(observations.pointer, rows: count)
    pass.entropy(rows: count, into: scratch)
    tally.entropy += kernels.sum(scratch, count)
    pass.logProbability(actions.pointer, rows: count, into: logProbabilities)
    job.weighting.weigh(
      WeighedRows(
        count: count, logProbabilities: logProbabilities, oldLogProbabilities: old, advantages: advantages),
      into: weights, scratch: scratch, tally: &tally.surrogate, kernels)
    kernels.scale(weights, count, job.scoreScale)
    guard let regression = job.regression else {
      return pass.accumulateScore(
        observations.pointer, actions.pointer, rows: count, weights: weights, entropyWeight: job.entropyWeight,
        transposes: job.transposes, gradient: gradient.pointer)
    }
    let targets = scratch + Tape.rows
    let oldValues = targets + Tape.rows
    kernels.gatherRows(count, 1, regression.targets, 1, rows, targets, 1)
    kernels.gatherRows(count, 1, regression.oldValues, 1, rows, oldValues, 1)
    pass.accumulate(
      observations.pointer, actions.pointer, rows: count, weights: weights, entropyWeight: job.entropyWeight,
      transposes: job.transposes, gradient: gradient.pointer
    ) { values, slopes in
      tally.valueLoss += regression.rule.weigh(
        values, oldValues: oldValues, targets: targets, count: count, scale: regression.scale, into: slopes)
    }
  }
}

/// What a minibatch asks of every block of its rows.
struct MinibatchJob {
  let rollout: Rollout
  /// Rows of the rollout that make up the minibatch.
  let rows: UnsafePointer<Int32>
  let count: Int
  /// Ψ of every row of the rollout; the weighting sees (Ψ - shift) × scale.
  let advantages: UnsafePointer<Float>
  let advantageShift: Float
  let advantageScale: Float
  let weighting: any ScoreWeighting
  /// Turns the sum over rows into the mean that is climbed.
  let scoreScale: Float
  let entropyWeight: Float
  let regression: Regression?
  let transposes: Transposes

  struct Regression {
    let rule: ValueRegression
    let targets: UnsafePointer<Float>
    let oldValues: UnsafePointer<Float>
    let scale: Float
  }
}

/// Sums over the rows of a minibatch.
struct UpdateTally {
  var surrogate = SurrogateTally()
  var valueLoss = 0.0
  var entropy = 0.0

  mutating func add(_ other: UpdateTally) {
    surrogate.loss += other.surrogate.loss
    surrogate.kl += other.surrogate.kl
    surrogate.clipped += other.surrogate.clipped
    valueLoss += other.valueLoss
    entropy += other.entropy
  }
}
