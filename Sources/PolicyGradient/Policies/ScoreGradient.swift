/// Computes the score of any number of rows with the caller's weights, and products with the Fisher matrix. Any number
/// of threads may do so at the same time.
package final class ScoreGradient {
  private let policy: Policy
  private let pool: ScratchPool<SumScratch>

  package init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    let (shape, parameters) = (policy.shape, policy.parameters)
    pool = try ScratchPool { () throws(Refusal) in try SumScratch(shape, PolicyView(parameters)) }
  }

  /// Writes Σᵢ weightsᵢ ∇θ log π(actionsᵢ|observationsᵢ), for actions or for draws. Entries of the value function's
  /// parameters are 0.
  package func callAsFunction(
    _ rows: PolicyRows, _ actions: UnsafePointer<Float>, areDraws: Bool = false, weights: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try accumulate(rows, into: gradient, "gradient") { sum, first in
      sum.pass.accumulateScore(
        actions + first * policy.actionSize, areDraws: areDraws, weights: weights + first,
        entropyWeights: sum.zeros.pointer, prepared: sum.prepared, gradient: sum.total.pointer)
    }
  }

  /// Writes Σᵢ weightsᵢ ∇θ H(π(·|observationsᵢ)) for every parameter; 0 for the value function's.
  package func entropyGradient(
    _ rows: PolicyRows, weights: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try accumulate(rows, into: gradient, "gradient") { sum, first in
      // Scores have weight 0, so any action of the space will do.
      sum.pass.mode(into: sum.pass.results.pointer)
      sum.pass.accumulateScore(
        sum.pass.results.pointer, areDraws: false, weights: sum.zeros.pointer, entropyWeights: weights + first,
        prepared: sum.prepared, gradient: sum.total.pointer)
    }
  }

  /// Writes Σᵢ weightsᵢ ∇θ V(observationsᵢ) for every parameter; 0 for those that only the policy has.
  ///
  /// - Throws: `.badState` for a policy without a value function.
  package func valueGradient(
    _ rows: PolicyRows, weights: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try policy.requireValueFunction()
    try withSum(rows, into: gradient, "gradient") { (sum, rows) throws(Refusal) in
      let pass = sum.pass
      try policy.forEachPlace(rows, 0..<rows.sequences, on: pass, limit: pass.capacity) { place in
        pass.accumulateValue(
          policy.block(of: rows, place, on: pass), policy.parameters(for: pass), advancesAll: rows.finalStates != nil,
          prepared: sum.prepared, gradient: sum.total.pointer
        ) { _, slopes in slopes.update(from: weights + place.first, count: place.count) }
      }
    }
  }

  /// Writes the mean over rows of F(sᵢ) v, where v has one number per parameter. Entries of the value function's
  /// parameters are 0.
  package func fisherVector(
    _ rows: PolicyRows, vector: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try accumulate(rows, into: product, "product", scale: 1 / Float(rows.count)) { sum, _ in
      sum.pass.accumulateFisher(along: vector, prepared: sum.prepared, product: sum.total.pointer)
    }
  }

  /// Runs the network over all rows, a block at a time. After each block, `add` adds to the sum, which is then copied.
  private func accumulate(
    _ rows: PolicyRows, into target: UnsafeMutablePointer<Float>, _ name: StaticString, scale: Float? = nil,
    add: (_ sum: SumScratch, _ first: Int) -> Void
  ) throws(Refusal) {
    try withSum(rows, into: target, name) { (sum, rows) throws(Refusal) in
      try policy.forEachBlock(of: rows, 0..<rows.sequences, on: sum.pass) { first, _ in add(sum, first) }
      if let scale { policy.kernels.scale(sum.total.pointer, sum.total.count, scale) }
    }
  }

  /// Calls `body` with a sum that is 0 and sees the policy as it is now. If the result is finite, copies it and the
  /// final states.
  private func withSum(
    _ rows: PolicyRows, into target: UnsafeMutablePointer<Float>, _ name: StaticString,
    _ body: (_ sum: SumScratch, _ rows: PolicyRows) throws(Refusal) -> Void
  ) throws(Refusal) {
    // The slot of a reader of the policy keeps the parameters as they are.
    try policy.withPass { (_) throws(Refusal) in
      try pool.withScratch { (sum, _) throws(Refusal) in
        try sum.begin(rows, policy)
        let stateCount = rows.finalStates == nil ? 0 : rows.sequences * policy.stateSize
        let states = try sum.pass.temporaryBuffer(stateCount)
        try body(sum, rows.finalStates == nil ? rows : rows.with(finalStates: states.pointer))
        try policy.checkResults(sum.total.pointer, rows: sum.total.count, columns: 1, first: 0, name)
        target.update(from: sum.total.pointer, count: sum.total.count)
        rows.finalStates?.update(from: states.pointer, count: stateCount)
      }
    }
  }
}

/// The scratch of one sum over rows.
private final class SumScratch {
  private(set) var pass: PolicyPass
  let prepared: PreparedWeights
  /// The sum, until it is known to be finite.
  let total: Buffer<Float>
  /// The entropy's weight in every row of a block.
  private(set) var zeros: Buffer<Float>

  init(_ shape: PolicyShape, _ view: PolicyView) throws(Refusal) {
    pass = try PolicyPass(shape, view: view, stages: true)
    prepared = try PreparedWeights(shape.network)
    total = try Buffer(count: shape.parameterCount)
    zeros = try Buffer(count: pass.capacity)
  }

  /// Sets the sum to 0, for the policy as it is now. With a memory, gradients pass through time, so all steps
  /// of all sequences are one block.
  func begin(_ rows: PolicyRows, _ policy: Policy) throws(Refusal) {
    if policy.stateSize > 0, rows.count > pass.capacity {
      let zeros = try Buffer<Float>(count: rows.count)
      pass = try PolicyPass(policy.shape, capacity: rows.count, view: pass.view, stages: true)
      self.zeros = zeros
    }
    try policy.refresh(pass)
    total.pointer.update(repeating: 0, count: total.count)
    prepared.refresh(policy.parameters(for: pass))
  }
}
