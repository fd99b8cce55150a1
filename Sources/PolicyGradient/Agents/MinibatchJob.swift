/// What a minibatch asks of every block of its rows.
struct MinibatchJob {
  let rollout: Rollout
  /// Rows of the rollout that make up the minibatch.
  let rows: UnsafePointer<Int32>
  let count: Int
  /// What the policy climbs.
  let score: Score
  /// If not, nothing but the value function's own parameters moves.
  let movesPolicy: Bool
  let regression: Regression?
  let transposes: Transposes

  struct Score {
    /// Ψ of every row of the rollout; the weighting sees (Ψ - shift) × advantageScale.
    let advantages: UnsafePointer<Float>
    let shift: Float
    let advantageScale: Float
    let weighting: any ScoreWeighting
    /// What each weight is multiplied by, where the score is not climbed as a mean over rows.
    let scale: Float?
    let entropyCoefficient: Double
  }

  struct Regression {
    let rule: ValueRegression
    let targets: UnsafePointer<Float>
    let oldValues: UnsafePointer<Float>
    /// What the slope of each row's loss is multiplied by.
    let coefficient: Float
  }
}

extension MinibatchJob.Score {
  /// Weighs some rows of the rollout, whose log-probabilities of now are known. `gathered` has room for two blocks.
  func weigh(
    _ rollout: Rollout, _ rows: UnsafePointer<Int32>, _ count: Int, logProbabilities: UnsafePointer<Float>,
    gathered: UnsafeMutablePointer<Float>, into weights: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    let (old, advantages) = (gathered, gathered + Tape.rows)
    kernels.gatherRows(count, 1, rollout.logProbabilities.pointer, 1, rows, old, 1)
    kernels.gatherRows(count, 1, self.advantages, 1, rows, advantages, 1)
    kernels.shiftAndScale(advantages, count, shift, advantageScale)
    weighting.weigh(
      WeighedRows(
        count: count, logProbabilities: logProbabilities, oldLogProbabilities: old, advantages: advantages),
      into: weights, scratch: scratch, tally: &tally, kernels)
    if let scale { kernels.scale(weights, count, scale) }
  }
}

/// Sums over the rows of a minibatch.
struct UpdateTally {
  var rows = 0
  var surrogate = SurrogateTally()
  var valueLoss = 0.0
  var entropy = 0.0

  mutating func add(_ other: UpdateTally) {
    rows += other.rows
    surrogate.loss += other.surrogate.loss
    surrogate.kl += other.surrogate.kl
    surrogate.clipped += other.surrogate.clipped
    valueLoss += other.valueLoss
    entropy += other.entropy
  }
}
