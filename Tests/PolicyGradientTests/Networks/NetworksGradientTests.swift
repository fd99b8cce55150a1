import Foundation
import Testing

@testable import PolicyGradient

/// The gradient of Σ w log π(a|s) + β H + g V(s), all in one pass, for every kind of policy.
@Suite struct NetworksGradientTests {
  private static let rows = 3
  private static let weights: [Float] = [1.5, -0.75, 0.5]
  private static let slopes: [Float] = [-1, 2, 0.25]
  private static let entropyWeights: [Float] = [0.7, 0, -0.25]

  private struct Batch {
    let policy: Policy
    let observations: [Float]
    let actions: [Float]

    init(_ testCase: NetworksCase, seed: UInt64 = 5) throws {
      policy = try testCase.policy(seed: seed)
      var random = TestRandom(seed + 1)
      observations = random.normals(NetworksGradientTests.rows * 4)
      let drawn = try policy.samples(observations, rows: NetworksGradientTests.rows).actions
      // Away from the bounds, -1 and 3, where the reference would take the logarithm of what it rounds to 0.
      actions = testCase.isBounded ? drawn.map { min(max($0, -0.999), 2.999) } : drawn
    }

    func gradient(
      _ body: (PolicyPass, Block, PreparedWeights, UnsafeMutablePointer<Float>) -> Void
    ) throws -> [Float] {
      let gradient = try Buffer<Float>(count: policy.parameters.count)
      let rows = try Buffer(observations)
      body(
        try PolicyPass(policy.shape), Block(rows: NetworksGradientTests.rows, observations: rows.pointer),
        try PreparedWeights(of: policy), gradient.pointer)
      return withExtendedLifetime(rows) { gradient.array }
    }

    /// Both halves in one.
    func whole() throws -> [Float] {
      try gradient { pass, block, prepared, gradient in
        pass.forward(block, policy.parameters.pointer)
        pass.accumulate(
          actions, areDraws: false, weights: weights, entropyWeights: entropyWeights, prepared: prepared,
          gradient: gradient
        ) { _, result in result.update(from: slopes, count: rows) }
      }
    }

    func objective(_ reference: ReferencePolicy) -> Double {
      var sum = 0.0
      for index in 0..<rows {
        let row = reference.evaluate(
          doubles(row(observations, index, 4)), PolicyGradientTests.row(actions, index, policy.actionSize))
        sum += Double(weights[index]) * row.logProbability + Double(entropyWeights[index]) * row.entropy
        sum += Double(slopes[index]) * row.value
      }
      return sum
    }
  }

  @Test(arguments: NetworksCase.all, [UInt64(5), 105, 205])
  func theGradientMatchesDifferencesOfTheReference(_ testCase: NetworksCase, _ seed: UInt64) throws {
    let batch = try Batch(testCase, seed: seed)
    let gradient = try batch.whole()
    let reference = ReferencePolicy(batch.policy)
    var random = TestRandom(seed + 2)
    var (error, length) = (0.0, 0.0)
    for _ in 0..<40 {
      let index = random.below(gradient.count)
      let difference = reference.derivative(index, batch.objective)
      error += (Double(gradient[index]) - difference) * (Double(gradient[index]) - difference)
      length += difference * difference
    }
    // Relative to the length of the gradient at 40 places: a hundred times what single precision alone gives.
    #expect((error / length).squareRoot() < 1e-4)
  }

  @Test(arguments: NetworksCase.all)
  func logProbabilitiesEntropiesAndValuesMatchTheReference(_ testCase: NetworksCase) throws {
    let batch = try Batch(testCase)
    let (rows, policy) = (NetworksGradientTests.rows, batch.policy)
    let reference = ReferencePolicy(policy)
    let expected = (0..<rows).map {
      reference.evaluate(doubles(row(batch.observations, $0, 4)), row(batch.actions, $0, policy.actionSize))
    }
    let logProbabilities = try policy.logProbabilities(batch.observations, batch.actions, rows: rows)
    #expect(greatestError(logProbabilities, expected.map(\.logProbability)) < 2e-5)
    #expect(greatestError(try policy.entropies(batch.observations, rows: rows), expected.map(\.entropy)) < 2e-5)
    #expect(greatestError(try policy.values(batch.observations, rows: rows), expected.map(\.value)) < 2e-5)
  }

  @Test(arguments: [false, true], [false, true])
  func scoreAndValueTakenApartAddUpToBothAtOnce(_ sharesTrunk: Bool, _ layerNorm: Bool) throws {
    let batch = try Batch(
      NetworksCase(kind: .gaussian, activation: .silu, sharesTrunk: sharesTrunk, layerNorm: layerNorm))
    let rows = NetworksGradientTests.rows
    let parameters = batch.policy.parameters.pointer
    let apart = try batch.gradient { pass, block, prepared, gradient in
      // The value first, since neither may count on what the other left behind.
      pass.accumulateValue(block, parameters, prepared: prepared, gradient: gradient) {
        $1.update(from: NetworksGradientTests.slopes, count: rows)
      }
      pass.forward(block, parameters)
      pass.accumulateScore(
        batch.actions, areDraws: false, weights: NetworksGradientTests.weights,
        entropyWeights: NetworksGradientTests.entropyWeights,
        prepared: prepared, gradient: gradient)
    }
    // Sums in another order.
    #expect(greatestError(apart, doubles(try batch.whole())) < 1e-5)
  }

  @Test func aRowOfANormalisedNetworkHasTheSameBitsAloneAndAmongOthers() throws {
    let policy = try NetworksCase(kind: .beta, activation: .gelu, sharesTrunk: true, layerNorm: true).policy(seed: 1)
    var random = TestRandom(2)
    let observations = random.normals(100 * 4)
    let (actions, _) = try policy.samples(observations, rows: 100)
    let all = try policy.logProbabilities(observations, actions, rows: 100)
    let values = try policy.values(observations, rows: 100)
    for index in 0..<100 {
      let observation = row(observations, index, 4)
      #expect(try policy.logProbabilities(observation, row(actions, index, 2), rows: 1)[0] == all[index])
      #expect(try policy.values(observation, rows: 1)[0] == values[index])
    }
  }
}
