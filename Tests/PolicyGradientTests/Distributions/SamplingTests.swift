import Foundation
import Testing

@testable import PolicyGradient

struct SamplingTests {
  private static let rows = 20_000

  @Test func choicesComeAsOftenAsTheirProbabilities() throws {
    let policy = try randomPolicy(1, [ActionPart(.categorical, size: 11)], hidden: [], seed: 3)
    let observations = [Float](repeating: 0.5, count: SamplingTests.rows)
    let actions = try policy.samples(observations, rows: SamplingTests.rows).actions
    var counts = [Int](repeating: 0, count: 11)
    for action in actions { counts[Int(action)] += 1 }
    let reference = ReferencePolicy(policy)
    var statistic = 0.0
    for choice in 0..<11 {
      let expected = Double(SamplingTests.rows) * exp(reference.logProbability([0.5], [Float(choice)]))
      statistic += (Double(counts[choice]) - expected) * (Double(counts[choice]) - expected) / expected
    }
    // χ² with 10 degrees of freedom exceeds 29.6 once in a thousand times; the seed is fixed.
    #expect(statistic < 29.6)
  }

  @Test func normalColumnsHaveMeanVarianceAndNoCorrelation() throws {
    let policy = try randomPolicy(1, [ActionPart(.gaussian, size: 3)], hidden: [], seed: 5)
    let observations = [Float](repeating: -1, count: SamplingTests.rows)
    let actions = try policy.samples(observations, rows: SamplingTests.rows).actions
    let head = ReferencePolicy(policy).heads([-1])[0]
    var sums = [Double](repeating: 0, count: 3)
    var products = [Double](repeating: 0, count: 9)
    for index in 0..<SamplingTests.rows {
      let z = (0..<3).map { (Double(actions[index * 3 + $0]) - head.first[$0]) / exp(head.second[$0]) }
      for i in 0..<3 {
        sums[i] += z[i]
        for j in 0..<3 { products[i * 3 + j] += z[i] * z[j] }
      }
    }
    let n = Double(SamplingTests.rows)
    for i in 0..<3 {
      // Four standard errors: 1/√n of a mean and a correlation, √(2/n) of a variance.
      #expect(abs(sums[i] / n) < 4 / n.squareRoot())
      for j in 0..<3 {
        let expected = i == j ? 1.0 : 0.0
        #expect(abs(products[i * 3 + j] / n - expected) < 4 * (i == j ? 2 / n : 1 / n).squareRoot())
      }
    }
  }

  @Test func logProbabilityOfADrawHasTheBitsOfTheOneAskedFor() throws {
    for parts in DistributionTests.spaces {
      var random = TestRandom(9)
      let policy = try randomPolicy(5, parts, hidden: [9], seed: 10)
      let observations = random.normals(200 * 5)
      let (actions, drawn) = try policy.samples(observations, rows: 200)
      let asked = try policy.logProbabilities(observations, actions, rows: 200)
      #expect(drawn.map(\.bitPattern) == asked.map(\.bitPattern))
      #expect(refusal { try policy.check(actions, rows: 200) } == nil)
    }
  }

  @Test func drawsAreKeyedBySeedStepAndRow() throws {
    let parts = [ActionPart(.gaussian, size: 2), ActionPart(.gaussian, size: 2)]
    let policy = try randomPolicy(1, parts, hidden: [], seed: 11)
    let observations = [Float](repeating: 1, count: 70)
    let first = try policy.samples(observations, rows: 70, seed: 1, step: 5)
    #expect(try policy.samples(observations, rows: 70, seed: 1, step: 5) == first)
    #expect(try policy.samples(observations, rows: 70, seed: 2, step: 5) != first)
    #expect(try policy.samples(observations, rows: 70, seed: 1, step: 6) != first)
    // 280 draws of one (seed, step), no two alike but by chance: each row and each column has its own.
    #expect(Set(first).count > 275)
    // The first 3 rows alone get the same draws.
    #expect(try policy.samples([1, 1, 1], rows: 3, seed: 1, step: 5) == Array(first[..<12]))
  }

  @Test func everyCallMakesNewDrawsKeyedByThePolicysSeed() throws {
    var configuration = PolicyConfiguration(observationSize: 1, parts: [ActionPart(.gaussian, size: 8)])
    configuration.seed = 4
    let (one, same) = (try Policy(configuration), try Policy(configuration))
    configuration.seed = 5
    let other = try Policy(configuration)
    let first = try one.samples([1], rows: 1).actions
    let second = try one.samples([1], rows: 1).actions
    #expect(first != second)
    #expect(try same.samples([1], rows: 1).actions == first)
    #expect(try same.samples([1], rows: 1).actions == second)
    #expect(try other.samples([1], rows: 1).actions != first)
    #expect(one.draws == 2)
  }
}
