import Testing

@testable import PolicyGradient

/// The engine's one backward pass against central differences of a reference in double precision.
struct ScoreTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let observationSize: Int
    let hidden: [Int]
    let activation: Activation
    let parts: [ActionPart]

    var testDescription: String {
      "\(observationSize)-\(hidden)-\(parts.map { "\($0.kind.name)(\($0.size))" }) \(activation)"
    }
  }

  /// Depths 0 to 3 and widths 1 to 70, at and around the kernels' tiles of 8 and 16.
  static let cases: [Case] = [
    Case(observationSize: 1, hidden: [], activation: .tanh, parts: [ActionPart(.categorical, size: 2)]),
    Case(observationSize: 5, hidden: [], activation: .relu, parts: [ActionPart(.gaussian, size: 3)]),
    Case(observationSize: 3, hidden: [1], activation: .tanh, parts: [ActionPart(.categorical, size: 7)]),
    Case(observationSize: 17, hidden: [33], activation: .relu, parts: [ActionPart(.gaussian, size: 9)]),
    Case(observationSize: 4, hidden: [64, 64], activation: .tanh, parts: [ActionPart(.categorical, size: 2)]),
    Case(
      observationSize: 8, hidden: [16, 8], activation: .relu,
      parts: [ActionPart(.categorical, size: 17), ActionPart(.categorical, size: 3)]),
    Case(
      observationSize: 11, hidden: [70, 15, 5], activation: .tanh,
      parts: [ActionPart(.gaussian, size: 2), ActionPart(.categorical, size: 4), ActionPart(.gaussian, size: 1)]),
    Case(
      observationSize: 2, hidden: [7, 24, 31], activation: .relu,
      parts: [ActionPart(.categorical, size: 70), ActionPart(.gaussian, size: 8)]),
  ]

  /// Derivatives compared in one network: all of a small one, and as many places of a large one.
  private static let sampled = 120

  @Test(arguments: cases)
  func scoreIsTheGradientOfWeightedLogProbabilities(_ testCase: Case) throws {
    let policy = try randomPolicy(
      testCase.observationSize, testCase.parts, hidden: testCase.hidden, activation: testCase.activation, seed: 11)
    var random = TestRandom(12)
    let rows = 3
    let observations = random.normals(rows * testCase.observationSize)
    let actions = randomActions(testCase.parts, rows: rows, &random)
    let weights: [Float] = [1.5, -0.75, 0]
    let gradient = try Buffer<Float>(count: policy.parameters.count)
    gradient.elements.update(repeating: .nan)
    try ScoreGradient(policy)(observations, actions, weights: weights, rows: rows, into: gradient.pointer)

    expectGradient(gradient.array, policy, sampled: 0..<ReferencePolicy(policy).valueStart, &random) { reference in
      var sum = 0.0
      for index in 0..<rows {
        sum +=
          Double(weights[index])
          * reference.logProbability(
            doubles(row(observations, index, testCase.observationSize)), row(actions, index, policy.actionSize))
      }
      return sum
    }
    #expect(gradient.array[ReferencePolicy(policy).valueStart...].allSatisfy { $0 == 0 })
  }

  @Test(arguments: cases)
  func scoreWithEntropyAddsTheGradientOfTheEntropy(_ testCase: Case) throws {
    let policy = try randomPolicy(
      testCase.observationSize, testCase.parts, hidden: testCase.hidden, activation: testCase.activation, seed: 21)
    var random = TestRandom(22)
    let rows = 2
    let observations = random.normals(rows * testCase.observationSize)
    let actions = randomActions(testCase.parts, rows: rows, &random)
    let weights: [Float] = [0.5, -1]
    let pass = try PolicyPass(policy.shape)
    let prepared = try PreparedWeights(of: policy)
    let gradient = try Buffer<Float>(count: policy.parameters.count)
    let seen = try Buffer(observations)
    defer { withExtendedLifetime(seen) {} }
    pass.forward(policy, seen, rows: rows)
    pass.accumulateScore(
      actions, weights: weights, entropyWeights: [Float](repeating: 0.7, count: rows), prepared: prepared,
      gradient: gradient.pointer)

    expectGradient(gradient.array, policy, sampled: 0..<ReferencePolicy(policy).valueStart, &random) { reference in
      var sum = 0.0
      for index in 0..<rows {
        let observation = doubles(row(observations, index, testCase.observationSize))
        sum += Double(weights[index]) * reference.logProbability(observation, row(actions, index, policy.actionSize))
        sum += Double(Float(0.7)) * reference.entropy(observation)
      }
      return sum
    }
  }

  @Test(arguments: cases)
  func accumulatedValueIsTheGradientOfWeightedValues(_ testCase: Case) throws {
    let policy = try randomPolicy(
      testCase.observationSize, testCase.parts, hidden: testCase.hidden, activation: testCase.activation, seed: 31)
    var random = TestRandom(32)
    let observations = try Buffer(random.normals(2 * testCase.observationSize))
    let pass = try PolicyPass(policy.shape)
    let prepared = try PreparedWeights(of: policy)
    let gradient = try Buffer<Float>(count: policy.parameters.count)
    pass.accumulateValue(
      Block(rows: 2, observations: observations.pointer), policy.parameters.pointer, prepared: prepared,
      gradient: gradient.pointer
    ) { _, weights in
      weights[0] = 2
      weights[1] = -0.5
    }

    let start = ReferencePolicy(policy).valueStart
    expectGradient(gradient.array, policy, sampled: start..<policy.parameters.count, &random) { reference in
      2 * reference.value(doubles(row(observations.array, 0, testCase.observationSize)))
        - 0.5 * reference.value(doubles(row(observations.array, 1, testCase.observationSize)))
    }
    #expect(gradient.array[..<start].allSatisfy { $0 == 0 })
  }

  @Test func accumulatingAddsToWhatIsThere() throws {
    let policy = try randomPolicy(3, [ActionPart(.gaussian, size: 2)], hidden: [8], seed: 41)
    var random = TestRandom(42)
    let observations = random.normals(6)
    let actions = random.normals(4)
    let once = try Buffer<Float>(count: policy.parameters.count)
    let twice = try Buffer<Float>(count: policy.parameters.count)
    let prepared = try PreparedWeights(of: policy)
    for (gradient, times) in [(once, 1), (twice, 2)] {
      for _ in 0..<times {
        let pass = try PolicyPass(policy.shape)
        let seen = try Buffer(observations)
        defer { withExtendedLifetime(seen) {} }
        pass.forward(policy, seen, rows: 2)
        pass.accumulateScore(
          actions, weights: [1, 1], entropyWeights: [0, 0], prepared: prepared, gradient: gradient.pointer)
      }
    }
    // Sums in another order: equal to a few roundings of numbers of the order of 1.
    #expect(isNear(twice.array, once.array.map { 2 * $0 }, within: 1e-5))
  }

  /// Compares at sampled places: each within 1e-4 of the largest, about 800 roundings of single precision, and the
  /// length of all differences within 1e-4 of the reference's.
  private func expectGradient(
    _ gradient: [Float], _ policy: Policy, sampled places: Range<Int>, _ random: inout TestRandom,
    _ objective: (ReferencePolicy) -> Double
  ) {
    let reference = ReferencePolicy(policy)
    var chosen = Array(places)
    if chosen.count > ScoreTests.sampled {
      chosen.shuffle(using: &random)
      // Both ends belong to it: first weights, and last biases or log standard deviations.
      chosen = chosen.prefix(ScoreTests.sampled) + [places.lowerBound, places.upperBound - 1]
    }
    let expected = chosen.map { reference.derivative($0, objective) }
    let largest = expected.map(abs).max() ?? 0
    let errors = zip(chosen, expected).map { abs(Double(gradient[$0]) - $1) }
    let length = (expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    #expect(largest > 0)
    #expect((errors.max() ?? .infinity) <= 1e-4 * largest)
    #expect((errors.reduce(0) { $0 + $1 * $1 }).squareRoot() <= 1e-4 * length)
  }
}
