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
    /// Ψ of every row of the rollout; the weighting sees (Ψ - shift) × scale.
    let advantages: UnsafePointer<Float>
    let shift: Float
    let scale: Float
    let weighting: any ScoreWeighting
    /// Turns the sum over rows into the mean that is climbed.
    let meanScale: Float
    let entropyCoefficient: Double
  }

  struct Regression {
    let rule: ValueRegression
    let targets: UnsafePointer<Float>
    let oldValues: UnsafePointer<Float>
    let scale: Float
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
    kernels.shiftAndScale(advantages, count, shift, scale)
    weighting.weigh(
      WeighedRows(
        count: count, logProbabilities: logProbabilities, oldLogProbabilities: old, advantages: advantages),
      into: weights, scratch: scratch, tally: &tally, kernels)
    kernels.scale(weights, count, meanScale)
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
