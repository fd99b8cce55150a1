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
