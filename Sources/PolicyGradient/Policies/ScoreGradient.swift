/// Computes the score of any number of rows with the caller's weights, and products with the Fisher matrix.
package final class ScoreGradient {
  private let policy: Policy
  private var pass: PolicyPass
  private let prepared: PreparedWeights
  /// The sum over rows, until it is known to be finite.
  private let sum: Buffer<Float>
  /// The entropy's weight in every row of a block.
  private var zeros: Buffer<Float>

  package init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    pass = try PolicyPass(policy.shape)
    prepared = try PreparedWeights(policy.network)
    sum = try Buffer(count: policy.parameters.count)
    zeros = try Buffer(count: pass.capacity)
  }

  /// Writes Σᵢ weightsᵢ ∇θ log π(actionsᵢ|observationsᵢ), for actions or for draws. Entries of the value function's
  /// parameters are 0.
  package func callAsFunction(
    _ rows: PolicyRows, _ actions: UnsafePointer<Float>, areDraws: Bool = false, weights: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try accumulate(rows) { first in
      pass.accumulateScore(
        actions + first * policy.actionSize, areDraws: areDraws, weights: weights + first,
        entropyWeights: zeros.pointer,
        prepared: prepared, gradient: sum.pointer)
    }
    try copyChecked(to: gradient, "gradient")
  }

  /// Writes Σᵢ weightsᵢ ∇θ H(π(·|observationsᵢ)) for every parameter; 0 for the value function's.
  package func entropyGradient(
    _ rows: PolicyRows, weights: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try accumulate(rows) { first in
      // Scores have weight 0, so any action of the space will do.
      pass.mode(into: pass.results.pointer)
      pass.accumulateScore(
        pass.results.pointer, areDraws: false, weights: zeros.pointer, entropyWeights: weights + first,
        prepared: prepared, gradient: sum.pointer)
    }
    try copyChecked(to: gradient, "gradient")
  }

  /// Writes Σᵢ weightsᵢ ∇θ V(observationsᵢ) for every parameter; 0 for those that only the policy has.
  ///
  /// - Throws: `.badState` for a policy without a value function.
  package func valueGradient(
    _ rows: PolicyRows, weights: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try policy.requireValueFunction()
    try begin(rows)
    let parameters = UnsafePointer(policy.parameters.pointer)
    try policy.forEachPlace(rows, 0..<rows.sequences, on: pass, limit: pass.capacity) { place in
      pass.accumulateValue(
        policy.block(of: rows, place, on: pass), parameters, advancesAll: rows.finalStates != nil, prepared: prepared,
        gradient: sum.pointer
      ) { _, slopes in slopes.update(from: weights + place.first, count: place.count) }
    }
    try copyChecked(to: gradient, "gradient")
  }

  /// Writes the mean over rows of F(sᵢ) v, where v has one number per parameter. Entries of the value function's
  /// parameters are 0.
  package func fisherVector(
    _ rows: PolicyRows, vector: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try accumulate(rows) { _ in
      pass.accumulateFisher(along: vector, prepared: prepared, product: sum.pointer)
    }
    policy.kernels.scale(sum.pointer, sum.count, 1 / Float(rows.count))
    try copyChecked(to: product, "product")
  }

  /// Sets the sum to 0 and runs the network over all rows, a block at a time. After each block, `add` adds to the sum.
  private func accumulate(_ rows: PolicyRows, add: (_ first: Int) -> Void) throws(Refusal) {
    try begin(rows)
    try policy.forEachBlock(of: rows, 0..<rows.sequences, on: pass) { first, _ in add(first) }
  }

  /// With a memory, gradients pass through time, so all steps of all sequences are one block.
  private func begin(_ rows: PolicyRows) throws(Refusal) {
    if policy.stateSize > 0, rows.count > pass.capacity {
      let zeros = try Buffer<Float>(count: rows.count)
      pass = try PolicyPass(policy.shape, capacity: rows.count)
      self.zeros = zeros
    }
    sum.pointer.update(repeating: 0, count: sum.count)
    prepared.refresh(policy.parameters.pointer)
  }

  private func copyChecked(to target: UnsafeMutablePointer<Float>, _ name: StaticString) throws(Refusal) {
    try policy.checkResults(sum.pointer, rows: sum.count, columns: 1, first: 0, name)
    target.update(from: sum.pointer, count: sum.count)
  }
}
