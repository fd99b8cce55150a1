/// A block of rows on their way through one gradient.
struct WeighedRows {
  let count: Int
  /// log π(a|s) under the parameters of now, and of when the action was drawn.
  let logProbabilities: UnsafePointer<Float>
  let oldLogProbabilities: UnsafePointer<Float>
  /// Ψ, normalised where that is asked for.
  let advantages: UnsafePointer<Float>

  /// Writes r = π(a|s)/π_old(a|s) of every row, and log r.
  func ratios(
    into ratios: UnsafeMutablePointer<Float>, logRatios: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    for row in 0..<count { logRatios[row] = logProbabilities[row] - oldLogProbabilities[row] }
    kernels.exponential(logRatios, ratios, count)
  }
}

/// Sums over the rows that a weighting has weighed.
struct SurrogateTally: BitwiseCopyable {
  var loss = 0.0
  /// (r - 1) - log r, with the ratio r = π(a|s)/π_old(a|s).
  var kl = 0.0
  /// Rows whose ratio lies outside the clip range.
  var clipped = 0.0
}

/// The last word on the weight of each row's score, once its log-probability is known.
protocol ScoreWeighting: Sendable {
  /// Writes a weight for each row and adds to the tally. `scratch` is as long as the block.
  func weigh(
    _ rows: WeighedRows, into weights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    tally: inout SurrogateTally, _ kernels: KernelSet)
}
