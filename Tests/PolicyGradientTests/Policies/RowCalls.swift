@testable import PolicyGradient

// The engine's functions of plain rows, whose pointers, or arrays, live as long as the call.

extension Policy {
  func sample(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    actions: UnsafeMutablePointer<Float>, draws: UnsafeMutablePointer<Float>? = nil,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    try sample(
      PolicyRows(observations, count: rows, masks: masks), actions: actions, draws: draws,
      logProbabilities: logProbabilities)
  }

  func sample(
    _ observations: UnsafePointer<Float>, rows: Int, on pass: PolicyPass, seed: UInt64, step: UInt64,
    draws: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try sample(
      PolicyRows(observations, count: rows), 0..<rows, on: pass, seed: seed, step: step, draws: draws,
      logProbabilities: nil)
  }

  func mode(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    actions: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try mode(PolicyRows(observations, count: rows, masks: masks), actions: actions)
  }

  func logProbability(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, _ actions: UnsafePointer<Float>,
    areDraws: Bool = false, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try logProbability(
      PolicyRows(observations, count: rows, masks: masks), actions, areDraws: areDraws, into: logProbabilities)
  }

  func entropy(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    into entropies: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try entropy(PolicyRows(observations, count: rows, masks: masks), into: entropies)
  }

  func divergence(
    from other: Policy, _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    into divergences: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try divergence(from: other, PolicyRows(observations, count: rows, masks: masks), into: divergences)
  }

  func value(
    _ observations: UnsafePointer<Float>, rows: Int, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try value(PolicyRows(observations, count: rows), into: values)
  }
}

extension ScoreGradient {
  func callAsFunction(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, _ actions: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, rows: Int, into gradient: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try self(PolicyRows(observations, count: rows, masks: masks), actions, weights: weights, into: gradient)
  }

  func fisherVector(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    vector: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try fisherVector(PolicyRows(observations, count: rows, masks: masks), vector: vector, into: product)
  }
}
