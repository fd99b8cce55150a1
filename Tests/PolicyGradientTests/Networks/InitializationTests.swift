import Testing

@testable import PolicyGradient

struct InitializationTests {
  /// Tall, wide, square, one row, one column.
  static let shapes = [(1, 1), (1, 9), (9, 1), (8, 8), (5, 40), (40, 5), (33, 32), (64, 65)]

  @Test(arguments: shapes)
  func rowsOrColumnsAreOrthogonalOfTheGainsLength(inputs: Int, outputs: Int) throws {
    let weight = try Buffer<Float>(count: inputs * outputs)
    try fillOrthogonal(weight.pointer, inputs: inputs, outputs: outputs, gain: 1.5, seed: 3, index: 4, .best)
    let w = doubles(weight.array)
    // Of the shorter side: WᵀW = gain² I for a tall matrix, WWᵀ = gain² I for a wide one.
    let isTall = inputs >= outputs
    let (vectors, length) = (min(inputs, outputs), max(inputs, outputs))
    for a in 0..<vectors {
      for b in 0...a {
        var product = 0.0
        for k in 0..<length {
          product += isTall ? w[k * outputs + a] * w[k * outputs + b] : w[a * outputs + k] * w[b * outputs + k]
        }
        #expect(abs(product - (a == b ? 2.25 : 0)) < 1e-5)
      }
    }
  }

  @Test func everyLayerHasItsGainAndBiasesAreZero() throws {
    var configuration = PolicyConfiguration(
      observationSize: 6, parts: [ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 2)])
    configuration.hiddenSizes = [10, 4]
    configuration.initialLogStd = -0.5
    let policy = try Policy(configuration)
    let p = policy.parameters.array
    #expect(p.count == ReferencePolicy(policy).expectedCount)
    // In the header's order: 6×10 + 10, 10×4 + 4, 4×5 + 5; two log standard deviations; 6×10 + 10, 10×4 + 4, 4×1 + 1.
    #expect(p.count == 70 + 44 + 25 + 2 + 70 + 44 + 5)
    // An orthogonal matrix of gain g has Σ w² = g² × its shorter side.
    expectLayer(p, weight: 0..<60, bias: 60..<70, squares: 2 * 6)
    expectLayer(p, weight: 70..<110, bias: 110..<114, squares: 2 * 4)
    expectLayer(p, weight: 114..<134, bias: 134..<139, squares: 0.0001 * 4)
    #expect(p[139..<141] == [-0.5, -0.5])
    expectLayer(p, weight: 141..<201, bias: 201..<211, squares: 2 * 6)
    expectLayer(p, weight: 211..<251, bias: 251..<255, squares: 2 * 4)
    expectLayer(p, weight: 255..<259, bias: 259..<260, squares: 1)
  }

  private func expectLayer(_ parameters: [Float], weight: Range<Int>, bias: Range<Int>, squares: Double) {
    let sum = parameters[weight].reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(sum - squares) < 1e-5 * squares)
    #expect(parameters[bias].allSatisfy { $0 == 0 })
  }

  @Test func theSeedDecidesAndLayersDiffer() throws {
    var configuration = PolicyConfiguration(observationSize: 8, parts: [ActionPart(.gaussian, size: 8)])
    configuration.hiddenSizes = [8, 8]
    let (one, same) = (try Policy(configuration), try Policy(configuration))
    configuration.seed = 1
    let other = try Policy(configuration)
    #expect(one.parameters.array == same.parameters.array)
    #expect(one.parameters.array != other.parameters.array)
    let p = one.parameters.array
    let critic = ReferencePolicy(one).valueStart
    #expect(p[0..<64] != p[72..<136])
    #expect(p[0..<64] != p[critic..<critic + 64])
  }

  /// Mean 0 and variance 1/n of an entry are what a uniformly distributed orthogonal matrix has.
  @Test func noSignOrDirectionIsPreferred() throws {
    let weight = try Buffer<Float>(count: 16)
    let trials = 2_000
    var (sum, squares) = (0.0, 0.0)
    for seed in 0..<trials {
      try fillOrthogonal(weight.pointer, inputs: 4, outputs: 4, gain: 1, seed: UInt64(seed), index: 0, .best)
      sum += Double(weight.pointer[15])
      squares += Double(weight.pointer[15]) * Double(weight.pointer[15])
    }
    // Four standard errors: of the mean ½/√n; of the square, whose variance is 3/(4·6) - 1/16 = 1/16, ¼/√n.
    #expect(abs(sum / Double(trials)) < 4 * 0.5 / Double(trials).squareRoot())
    #expect(abs(squares / Double(trials) - 0.25) < 4 * 0.25 / Double(trials).squareRoot())
  }
}
