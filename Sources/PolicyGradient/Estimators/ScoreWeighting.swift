/// The rows of a block that a ``ScoreWeighting`` weighs.
struct WeighedRows {
  let count: Int
  /// log π(a|s) under the current parameters, and under those that drew the action.
  let logProbabilities: UnsafePointer<Float>
  let oldLogProbabilities: UnsafePointer<Float>
  /// Ψ, normalised if the configuration asks for it.
  let advantages: UnsafePointer<Float>

  /// (r - 1) - log r, which is never negative. Near 0, where the terms would cancel, a series is used.
  static func divergence(ratio: Float, logRatio: Float) -> Double {
    let x = Double(logRatio)
    guard abs(x) < 0.1 else { return Double(ratio) - 1 - x }
    return x * x * (1.0 / 2 + x * (1.0 / 6 + x * (1.0 / 24 + x * (1.0 / 120 + x * (1.0 / 720 + x / 5_040)))))
  }

  /// Writes r = π(a|s)/π_old(a|s) of every row, and log r.
  func ratios(
    into ratios: UnsafeMutablePointer<Float>, logRatios: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    for row in 0..<count { logRatios[row] = logProbabilities[row] - oldLogProbabilities[row] }
    kernels.mapExponential(logRatios, ratios, count)
  }
}

/// Sums over the weighed rows.
struct SurrogateTally: BitwiseCopyable {
  var loss = 0.0
  /// (r - 1) - log r, with the ratio r = π(a|s)/π_old(a|s).
  var kl = 0.0
  /// Rows whose ratio lies outside the clip range.
  var clipped = 0.0
}

/// Computes the final weight of each row's score from its advantage and its current log-probability.
protocol ScoreWeighting: Sendable {
  /// Writes a weight for each row and adds to the tally. `scratch` has the length of the block.
  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet)
}

/// The policy gradient itself: the weight is Ψ and does not depend on the action's current probability.
struct PlainScore: ScoreWeighting {
  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet
  ) {
    for row in 0..<rows.count {
      weights[row] = rows.advantages[row]
      tally.loss -= Double(rows.advantages[row]) * Double(rows.logProbabilities[row])
    }
  }
}
