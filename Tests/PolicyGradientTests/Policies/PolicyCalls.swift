@testable import PolicyGradient

// The engine's functions on arrays.

extension Buffer {
  convenience init(_ values: [Element]) throws {
    try self.init(count: values.count)
    write(values)
  }

  func write(_ values: [Element]) {
    for (index, value) in values.enumerated() { pointer[index] = value }
  }
}

extension Policy {
  func samples(_ observations: [Float], rows: Int) throws -> (actions: [Float], logProbabilities: [Float]) {
    let actions = try Buffer<Float>(count: rows * actionSize)
    let logProbabilities = try Buffer<Float>(count: rows)
    try sample(observations, rows: rows, actions: actions.pointer, logProbabilities: logProbabilities.pointer)
    return (actions.array, logProbabilities.array)
  }

  func samples(_ observations: [Float], rows: Int, seed: UInt64, step: UInt64) throws -> [Float] {
    let actions = try Buffer<Float>(count: rows * actionSize)
    try sample(
      observations, rows: rows, on: PolicyPass(shape), seed: seed, step: step, draws: actions.pointer)
    space.squash(actions.pointer, rows: rows)
    return actions.array
  }

  func modes(_ observations: [Float], rows: Int) throws -> [Float] {
    let actions = try Buffer<Float>(count: rows * actionSize)
    try mode(observations, rows: rows, actions: actions.pointer)
    return actions.array
  }

  func logProbabilities(_ observations: [Float], _ actions: [Float], rows: Int) throws -> [Float] {
    let result = try Buffer<Float>(count: rows)
    try logProbability(observations, actions, rows: rows, into: result.pointer)
    return result.array
  }

  func entropies(_ observations: [Float], rows: Int) throws -> [Float] {
    let result = try Buffer<Float>(count: rows)
    try entropy(observations, rows: rows, into: result.pointer)
    return result.array
  }

  func divergences(from other: Policy, _ observations: [Float], rows: Int) throws -> [Float] {
    let result = try Buffer<Float>(count: rows)
    try divergence(from: other, observations, rows: rows, into: result.pointer)
    return result.array
  }

  func fisherProduct(_ observations: [Float], rows: Int, _ vector: [Float]) throws -> [Float] {
    let result = try Buffer<Float>(count: parameters.count)
    try ScoreGradient(self).fisherVector(observations, rows: rows, vector: vector, into: result.pointer)
    return result.array
  }

  func scoreGradient(_ observations: [Float], _ actions: [Float], weights: [Float]) throws -> [Float] {
    let result = try Buffer<Float>(count: parameters.count)
    try ScoreGradient(self)(observations, actions, weights: weights, rows: weights.count, into: result.pointer)
    return result.array
  }

  func values(_ observations: [Float], rows: Int) throws -> [Float] {
    let result = try Buffer<Float>(count: rows)
    try value(observations, rows: rows, into: result.pointer)
    return result.array
  }

  /// Moves every parameter away from its first value, so that no bias is 0 and the last layers are not small.
  func perturb(_ random: inout TestRandom, scale: Double = 0.3) {
    for index in 0..<parameters.count { parameters.pointer[index] += Float(scale * random.normal()) }
  }
}

/// A policy with random parameters everywhere.
func randomPolicy(
  _ observationSize: Int, _ parts: [ActionPart], hidden: [Int], activation: Activation = .tanh, seed: UInt64,
  hasValueFunction: Bool = true, explores: Bool = false
) throws -> Policy {
  var configuration = PolicyConfiguration(observationSize: observationSize, parts: parts)
  configuration.hiddenSizes = hidden
  configuration.activation = activation
  configuration.seed = seed
  configuration.hasValueFunction = hasValueFunction
  configuration.hasStateDependentExploration = explores
  let policy = try Policy(configuration)
  var random = TestRandom(seed &+ 1_000)
  policy.perturb(&random)
  return policy
}

/// Actions inside the space of the parts, by another generator than the library's.
func randomActions(_ parts: [ActionPart], rows: Int, _ random: inout TestRandom) -> [Float] {
  var actions: [Float] = []
  for _ in 0..<rows {
    for part in parts {
      if part.kind == .categorical {
        actions.append(Float(random.below(part.size)))
      } else {
        actions += random.normals(part.size)
      }
    }
  }
  return actions
}

extension PolicyPass {
  /// Runs the policy over all rows in one block.
  func forward(_ policy: Policy, _ observations: Buffer<Float>, rows: Int) {
    forward(Block(rows: rows, observations: observations.pointer), policy.parameters.pointer)
  }
}

extension PreparedWeights {
  /// Of the policy's current parameters.
  convenience init(of policy: Policy) throws {
    try self.init(policy.network)
    refresh(policy.parameters.pointer)
  }
}

extension ObservationNormalizer {
  func normalized(_ observations: [Float], rows: Int) throws -> [Float] {
    let result = try Buffer<Float>(count: observations.count)
    normalize(observations, rows: rows, into: result.pointer)
    return result.array
  }
}

/// Row `row` of a row-major matrix.
func row(_ values: [Float], _ row: Int, _ columns: Int) -> [Float] {
  Array(values[row * columns..<(row + 1) * columns])
}

func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }
