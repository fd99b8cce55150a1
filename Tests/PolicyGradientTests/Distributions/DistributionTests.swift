import Foundation
import Testing

@testable import PolicyGradient

/// Log-probabilities, entropies, modes and values against the reference in double precision.
struct DistributionTests {
  static let spaces: [[ActionPart]] = [
    [ActionPart(.categorical, size: 2)],
    [ActionPart(.categorical, size: 19)],
    [ActionPart(.gaussian, size: 1)],
    [ActionPart(.gaussian, size: 13)],
    [ActionPart(.categorical, size: 3), ActionPart(.categorical, size: 5), ActionPart(.categorical, size: 2)],
    [ActionPart(.gaussian, size: 2), ActionPart(.categorical, size: 9), ActionPart(.gaussian, size: 3)],
  ]
  private static let rows = 130

  @Test(arguments: spaces)
  func logProbabilityIsTheSumOfTheParts(_ parts: [ActionPart]) throws {
    var random = TestRandom(1)
    let policy = try randomPolicy(6, parts, hidden: [10], seed: 2)
    let reference = ReferencePolicy(policy)
    let observations = random.normals(DistributionTests.rows * 6)
    let actions = randomActions(parts, rows: DistributionTests.rows, &random)
    let result = try policy.logProbabilities(observations, actions, rows: DistributionTests.rows)
    for index in 0..<DistributionTests.rows {
      let expected = reference.logProbability(
        doubles(row(observations, index, 6)), row(actions, index, policy.actionSize))
      // A sum of up to 20 terms, each within a few roundings of its size.
      #expect(abs(Double(result[index]) - expected) <= 1e-5 * (1 + abs(expected)))
    }
  }

  @Test(arguments: spaces)
  func entropyIsTheSumOfTheParts(_ parts: [ActionPart]) throws {
    var random = TestRandom(3)
    let policy = try randomPolicy(6, parts, hidden: [10], activation: .relu, seed: 4)
    let reference = ReferencePolicy(policy)
    let observations = random.normals(70 * 6)
    let result = try policy.entropies(observations, rows: 70)
    for index in 0..<70 {
      let expected = reference.entropy(doubles(row(observations, index, 6)))
      #expect(abs(Double(result[index]) - expected) <= 1e-5 * (1 + abs(expected)))
    }
  }

  @Test func entropyOfEqualChoicesIsTheirLogarithm() throws {
    // Zero parameters make every logit 0: H = ln 7. A Gaussian of σ = e^½: H = ½ + ½ ln 2πe = 1.918938…
    let policy = try Policy(
      uninitialized: PolicyConfiguration(
        observationSize: 1, parts: [ActionPart(.categorical, size: 7), ActionPart(.gaussian, size: 1)]))
    policy.parameters.pointer[policy.distributionOffset] = 0.5
    #expect(abs(try policy.entropies([3], rows: 1)[0] - Float(log(7) + 1.918_938_533_2)) < 1e-6)
  }

  @Test func valuesMatchTheReference() throws {
    var random = TestRandom(5)
    let policy = try randomPolicy(9, [ActionPart(.categorical, size: 2)], hidden: [20, 6], seed: 6)
    let reference = ReferencePolicy(policy)
    let observations = random.normals(100 * 9)
    let result = try policy.values(observations, rows: 100)
    for index in 0..<100 {
      #expect(abs(Double(result[index]) - reference.value(doubles(row(observations, index, 9)))) <= 1e-5)
    }
  }

  @Test func modeIsTheMostProbableChoiceAndTheMean() throws {
    var random = TestRandom(7)
    let parts = [ActionPart(.gaussian, size: 2), ActionPart(.categorical, size: 6)]
    let policy = try randomPolicy(4, parts, hidden: [12], seed: 8)
    let reference = ReferencePolicy(policy)
    let observations = random.normals(80 * 4)
    let modes = try policy.modes(observations, rows: 80)
    for index in 0..<80 {
      let heads = reference.heads(doubles(row(observations, index, 4)))
      let (means, logits) = (heads[0].first, heads[1].first)
      let mode = row(modes, index, 3)
      #expect(abs(Double(mode[0]) - means[0]) < 1e-5 && abs(Double(mode[1]) - means[1]) < 1e-5)
      #expect(logits[Int(mode[2])] == logits.max())
    }
  }

  @Test func aPolicyWithoutValueFunctionRefusesValues() throws {
    let policy = try randomPolicy(2, [ActionPart(.categorical, size: 2)], hidden: [], seed: 1, hasValueFunction: false)
    #expect(refusal { _ = try policy.values([1, 2], rows: 1) }?.reason == .badState)
    // (2 + 1) × 2 parameters, and none of a value network.
    #expect(policy.parameters.count == 6)
  }

  @Test(arguments: [
    (Float(-1), "actions[1, 2] is -1.0; it must be a whole number from 0 to 2"),
    (3, "actions[1, 2] is 3.0; it must be a whole number from 0 to 2"),
    (0.5, "actions[1, 2] is 0.5; it must be a whole number from 0 to 2"),
    (.nan, "actions[1, 2] is nan; it must be finite"),
    (.infinity, "actions[1, 2] is inf; it must be finite"),
  ])
  func anActionOutsideTheSpaceIsNamed(choice: Float, message: String) throws {
    let parts = [ActionPart(.gaussian, size: 2), ActionPart(.categorical, size: 3)]
    let policy = try randomPolicy(1, parts, hidden: [], seed: 1)
    #expect(refusal { try policy.check([0, 0, 1, 0, 0, choice], rows: 2) }?.message == message)
    #expect(refusal { try policy.check([0, 0, 1, 0, 0, 2], rows: 2) } == nil)
  }
}
