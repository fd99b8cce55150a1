/// The weighted score of any number of rows, for a caller who brings the weights.
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
    gradient.update(repeating: 0, count: policy.parameters.count)
    transposes.refresh()
    var first = 0
    while first < rows {
      let count = min(Tape.rows, rows - first)
      let block = policy.seen(observations + first * policy.observationSize, rows: count)
      pass.forward(block, rows: count)
      pass.accumulateScore(
        block, actions + first * policy.actionSize, rows: count, weights: weights + first, entropyWeight: 0,
        transposes: transposes, gradient: gradient)
      first += count
    }
  }
}
