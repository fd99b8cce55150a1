/// The weighted score of any number of rows, for a caller who brings the weights, and products with the Fisher matrix.
package final class ScoreGradient {
  private let policy: Policy
  private let pass: ScorePass
  private let transposes: Transposes
  /// The sum over rows, until all of it is known to be finite.
  private let sum: Buffer<Float>
  /// The entropy's weight in every row of a block.
  private let zeros: Buffer<Float>

  package init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    pass = try ScorePass(policy)
    transposes = try Transposes(policy)
    sum = try Buffer(count: policy.parameters.count)
    zeros = try Buffer(count: Tape.rows)
  }

  /// Writes Σᵢ weightsᵢ ∇θ log π(actionsᵢ|observationsᵢ), of actions or of draws, for every parameter; those of the value function are 0.
  package func callAsFunction(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, _ actions: UnsafePointer<Float>,
    areDraws: Bool = false, weights: UnsafePointer<Float>, rows: Int, into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    pass.space = areDraws ? policy.drawSpace : policy.space
    accumulate(observations, masks: masks, rows: rows) { block, first, count in
      pass.accumulateScore(
        block, actions + first * policy.actionSize, rows: count, weights: weights + first,
        entropyWeights: zeros.pointer,
        transposes: transposes, gradient: sum.pointer)
    }
    try hand(to: gradient, "gradient")
  }

  /// Writes the mean over rows of F(sᵢ) v, v having a number for each parameter; those of the value function become 0.
  package func fisherVector(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    vector: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    accumulate(observations, masks: masks, rows: rows) { block, _, count in
      pass.accumulateFisher(block, rows: count, along: vector, transposes: transposes, product: sum.pointer)
    }
    policy.kernels.scale(sum.pointer, sum.count, 1 / Float(rows))
    try hand(to: product, "product")
  }

  /// Sets the sum to 0 and runs the network over all rows, a block at a time, after each of which `add` adds to it.
  private func accumulate(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>?, rows: Int,
    add: (_ block: UnsafePointer<Float>, _ first: Int, _ count: Int) -> Void
  ) {
    sum.pointer.update(repeating: 0, count: sum.count)
    transposes.refresh()
    var first = 0
    while first < rows {
      let count = min(Tape.rows, rows - first)
      let block = policy.seen(observations + first * policy.observationSize, rows: count)
      pass.forward(block, rows: count, masks: masks.map { $0 + first * policy.maskSize })
      add(block, first, count)
      first += count
    }
  }

  private func hand(to target: UnsafeMutablePointer<Float>, _ name: StaticString) throws(Refusal) {
    try policy.checkResults(sum.pointer, rows: sum.count, columns: 1, first: 0, name)
    target.update(from: sum.pointer, count: sum.count)
  }
}
