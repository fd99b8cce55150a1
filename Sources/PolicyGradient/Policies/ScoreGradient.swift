/// The weighted score of any number of rows, for a caller who brings the weights, and products with the Fisher matrix.
package final class ScoreGradient {
  private let policy: Policy
  private let pass: ScorePass
  private let transposes: Transposes

  package init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    pass = try ScorePass(policy)
    transposes = try Transposes(policy)
  }

  /// Writes Σᵢ weightsᵢ ∇θ log π(actionsᵢ|observationsᵢ) for every parameter; those of the value function are 0.
  package func callAsFunction(
    _ observations: UnsafePointer<Float>, _ actions: UnsafePointer<Float>, weights: UnsafePointer<Float>, rows: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    accumulate(observations, rows: rows, into: gradient) { block, first, count in
      pass.accumulateScore(
        block, actions + first * policy.actionSize, rows: count, weights: weights + first, entropyWeight: 0,
        transposes: transposes, gradient: gradient)
    }
  }

  /// Writes the mean over rows of F(sᵢ) v, v having a number for each parameter; those of the value function become 0.
  package func fisherVector(
    _ observations: UnsafePointer<Float>, rows: Int, vector: UnsafePointer<Float>,
    into product: UnsafeMutablePointer<Float>
  ) {
    accumulate(observations, rows: rows, into: product) { block, _, count in
      pass.accumulateFisher(block, rows: count, along: vector, transposes: transposes, product: product)
    }
    policy.kernels.scale(product, policy.parameters.count, 1 / Float(rows))
  }

  /// Sets `result` to 0 and runs the network over all rows, a block at a time, after each of which `add` adds to it.
  private func accumulate(
    _ observations: UnsafePointer<Float>, rows: Int, into result: UnsafeMutablePointer<Float>,
    add: (_ block: UnsafePointer<Float>, _ first: Int, _ count: Int) -> Void
  ) {
    result.update(repeating: 0, count: policy.parameters.count)
    transposes.refresh()
    var first = 0
    while first < rows {
      let count = min(Tape.rows, rows - first)
      let block = policy.seen(observations + first * policy.observationSize, rows: count)
      pass.forward(block, rows: count)
      add(block, first, count)
      first += count
    }
  }
}
