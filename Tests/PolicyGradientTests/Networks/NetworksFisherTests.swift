import Foundation
import Testing

@testable import PolicyGradient

/// Divergences between policies, and products with the Fisher matrix, for every kind of policy.
@Suite struct NetworksFisherTests {
  private static let rows = 3

  private static func observations(_ seed: UInt64) -> [Float] {
    var random = TestRandom(seed)
    return random.normals(rows * 4)
  }

  @Test(arguments: NetworksCase.all)
  func divergencesMatchTheReference(_ testCase: NetworksCase) throws {
    // The other differs in its networks too, and in where it has its deviations.
    var unlike = testCase
    (unlike.hidden, unlike.activation, unlike.stateDependentStd) = ([5], .relu, !testCase.stateDependentStd)
    let (policy, observations) = (try testCase.policy(seed: 11), NetworksFisherTests.observations(12))
    for other in [try testCase.policy(seed: 13), try unlike.policy(seed: 14)] {
      let (reference, otherReference) = (ReferencePolicy(policy), ReferencePolicy(other))
      let expected = (0..<NetworksFisherTests.rows).map { index in
        let observation = doubles(row(observations, index, 4))
        return ReferenceHead.divergence(reference.heads(observation), otherReference.heads(observation))
      }
      let divergences = try policy.divergences(from: other, observations, rows: NetworksFisherTests.rows)
      // Of networks of a few dozen products in single precision, where a Gaussian's σ of 0.1 has its mean's error
      // tenfold.
      #expect(greatestError(divergences, expected) < 5e-5)
      #expect(expected.allSatisfy { $0 > 1e-3 })
    }
    #expect(try policy.divergences(from: policy, observations, rows: NetworksFisherTests.rows) == [0, 0, 0])
  }

  @Test(arguments: NetworksCase.all)
  func aFisherProductIsTheSecondDerivativeOfTheReferencesDivergence(_ testCase: NetworksCase) throws {
    let (policy, observations) = (try testCase.policy(seed: 15), NetworksFisherTests.observations(16))
    let middle = ReferencePolicy(policy)
    let points = (0..<NetworksFisherTests.rows).map { doubles(row(observations, $0, 4)) }
    let heads = points.map(middle.heads)
    var random = TestRandom(17)
    let vector = random.normals(policy.parameters.count)
    let product = try policy.fisherProduct(observations, rows: NetworksFisherTests.rows, vector)

    func divergence(_ place: Int, _ along: Double, _ across: Double) -> Double {
      var moved = middle
      for index in 0..<vector.count { moved.parameters[index] += along * Double(vector[index]) }
      moved.parameters[place] += across
      return zip(points, heads).reduce(0) { $0 + ReferenceHead.divergence($1.1, moved.heads($1.0)) }
    }
    let step = 1e-4
    var (error, length) = (0.0, 0.0)
    for _ in 0..<12 {
      let place = random.below(policy.distributionOffset + policy.space.parameters)
      let same = divergence(place, step, step) + divergence(place, -step, -step)
      let opposed = divergence(place, step, -step) + divergence(place, -step, step)
      let slope = (same - opposed) / (4 * step * step * Double(NetworksFisherTests.rows))
      error += (Double(product[place]) - slope) * (Double(product[place]) - slope)
      length += slope * slope
    }
    #expect((error / length).squareRoot() < 1e-4)
    #expect(product[(policy.distributionOffset + policy.space.parameters)...].allSatisfy { $0 == 0 })
  }

  @Test func ofDiscreteActionsItIsTheSumOverAllOfThem() throws {
    let parts = [ActionPart(.categorical, size: 3), ActionPart(.bernoulli, size: 2), ActionPart(.categorical, size: 2)]
    let policy = try randomPolicy(4, parts, hidden: [6], seed: 18)
    var random = TestRandom(19)
    let observation = random.normals(4)
    let vector = random.normals(policy.parameters.count)
    var expected = [Double](repeating: 0, count: vector.count)
    var total = 0.0
    for number in 0..<24 {
      let action = [number % 3, number / 3 % 2, number / 6 % 2, number / 12].map { Float($0) }
      let probability = exp(Double(try policy.logProbabilities(observation, action, rows: 1)[0]))
      let score = doubles(try policy.scoreGradient(observation, action, weights: [1]))
      let along = zip(score, vector).reduce(0) { $0 + $1.0 * Double($1.1) }
      for index in 0..<expected.count { expected[index] += probability * along * score[index] }
      total += probability
    }
    #expect(abs(total - 1) < 1e-6)
    #expect(greatestError(try policy.fisherProduct(observation, rows: 1, vector), expected) < 1e-5)
  }

  @Test(arguments: NetworksCase.kinds) func theMatrixIsSymmetricAndTheMeanOverRows(_ testCase: NetworksCase) throws {
    let policy = try testCase.policy(seed: 20)
    var random = TestRandom(21)
    let observations = random.normals(100 * 4)
    let (one, two) = (random.normals(policy.parameters.count), random.normals(policy.parameters.count))
    let products = try [one, two].map { doubles(try policy.fisherProduct(observations, rows: 100, $0)) }
    let there = zip(one, products[1]).reduce(0) { $0 + Double($1.0) * $1.1 }
    let back = zip(two, products[0]).reduce(0) { $0 + Double($1.0) * $1.1 }
    // Both are sums over some hundred parameters, of either sign.
    let scale = zip(one, products[0]).reduce(0) { $0 + Double($1.0) * $1.1 }
    #expect(scale > 0)
    #expect(abs(there - back) < 1e-5 * scale)

    var mean = [Double](repeating: 0, count: one.count)
    for index in 0..<100 {
      let product = try policy.fisherProduct(row(observations, index, 4), rows: 1, one)
      for place in 0..<mean.count { mean[place] += Double(product[place]) / 100 }
    }
    #expect(greatestError(try policy.fisherProduct(observations, rows: 100, one), mean) < 1e-5)
  }

  @Test func threadsChangeNoBitOfAProductOverARollout() throws {
    let policy = try randomPolicy(4, [ActionPart(.beta, size: 2, low: 0, high: 1)], hidden: [16, 16], seed: 22)
    var random = TestRandom(23)
    let observations = random.normals(1_000 * 4)
    let rollout = try Rollout(
      steps: 1_000, environments: 1, packing: policy.shape.packing, actionSize: 2, flags: 0,
      keepsFinalObservations: false)
    rollout.observations.pointer.update(from: observations, count: observations.count)
    let vector = random.normals(policy.parameters.count)
    // Every other row, in another order.
    for row in 0..<1_000 {
      rollout.advance()
      if row % 2 == 0 { rollout.episodeSteps.pointer[row] = Rollout.excluded }
    }
    let sequences = try Sequences(rows: 1_000, length: nil, groups: 1, seed: 7, Ranks(), policy.kernels)
    sequences.begin(rollout, batchSize: 1_000)
    sequences.shuffle(step: 1)
    func product(threads: Int) throws -> [Float] {
      let result = try Buffer<Float>(vector)
      let pass = try RolloutPass(
        policy, WorkerPool(threads: threads), Ranks(), rows: 500, steps: 1, comparesPolicies: false)
      pass.prepared.refresh(policy.parameters.pointer)
      let job = FisherJob(
        parameters: policy.parameters.pointer, prepared: pass.prepared, vector: UnsafePointer(result.pointer))
      pass.begin(rollout, sequences, 0..<500)
      #expect(pass.advance(job, .unlimited) && pass.tally.rows == 500)
      return (0..<vector.count).map { pass.sum[$0] / 500 }
    }
    let alone = try product(threads: 1)
    for threads in [2, 3] { #expect(try product(threads: threads) == alone) }
    let taken = (0..<500).flatMap { row(observations, Int(sequences.numbers.pointer[$0]), 4) }
    #expect(greatestError(alone, doubles(try policy.fisherProduct(taken, rows: 500, vector))) < 1e-5)
  }
}
