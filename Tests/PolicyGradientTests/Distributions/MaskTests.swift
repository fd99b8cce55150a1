import Foundation
import Testing

@testable import PolicyGradient

/// Policies of which not every choice is allowed in every state.
@Suite struct MaskTests {
  /// Three choices, two bits, a real number, two choices; 3 + 4 + 2 flags.
  private static let parts = [
    ActionPart(.categorical, size: 3), ActionPart(.bernoulli, size: 2), ActionPart(.gaussian, size: 1),
    ActionPart(.categorical, size: 2),
  ]

  /// Random masks that leave every part a choice.
  private static func masks(rows: Int, _ random: inout TestRandom) -> [UInt8] {
    var masks: [UInt8] = []
    for _ in 0..<rows {
      for size in [3, 2, 2, 2] {
        var flags = (0..<size).map { _ in UInt8(random.below(2)) }
        flags[random.below(size)] = 1
        masks += flags
      }
    }
    return masks
  }

  private static func policy(_ seed: UInt64) throws -> Policy {
    try randomPolicy(4, parts, hidden: [6], seed: seed)
  }

  /// Every discrete action of one row, the real number being 0.25.
  private static let actions: [[Float]] = (0..<24).map { (number: Int) -> [Float] in
    let choices: [Int] = [number % 3, number / 3 % 2, number / 6 % 2, number / 12]
    return [Float(choices[0]), Float(choices[1]), Float(choices[2]), 0.25, Float(choices[3])]
  }

  private static func isAllowed(_ action: [Float], _ mask: [UInt8]) -> Bool {
    mask[Int(action[0])] == 1 && mask[3 + Int(action[1])] == 1 && mask[5 + Int(action[2])] == 1
      && mask[7 + Int(action[4])] == 1
  }

  /// What masks must give, computed from the policy without masks: allowed actions share all of the probability.
  private struct Expected {
    var probabilities: [Double] = []
    var allowed: [[Float]] = []
    /// Without the Gaussian's.
    var entropy = 0.0

    init(_ policy: Policy, _ observation: [Float], _ mask: [UInt8]) throws {
      allowed = MaskTests.actions.filter { MaskTests.isAllowed($0, mask) }
      let logs = try allowed.map { Double(try policy.logProbabilities(observation, $0, rows: 1)[0]) }
      let total = logs.reduce(0) { $0 + exp($1) }
      probabilities = logs.map { exp($0) / total }
      entropy = probabilities.reduce(0) { $0 - $1 * log($1) }
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func allowedActionsShareTheProbability(_ seed: UInt64) throws {
    let policy = try MaskTests.policy(seed)
    var random = TestRandom(seed + 40)
    let observation = random.normals(4)
    let mask = MaskTests.masks(rows: 1, &random)
    let expected = try Expected(policy, observation, mask)
    // The Gaussian's density at 0.25, by leaving all allowed: joint densities sum to it over the discrete actions.
    let density = try MaskTests.actions.reduce(0) {
      $0 + exp(Double(try policy.logProbabilities(observation, $1, rows: 1)[0]))
    }
    let result = try Buffer<Float>(count: 1)
    for (action, probability) in zip(expected.allowed, expected.probabilities) {
      try policy.logProbability(observation, masks: mask, action, rows: 1, into: result.pointer)
      #expect(abs(Double(result.pointer[0]) - log(probability * density)) < 2e-6)
    }
    try policy.entropy(observation, masks: mask, rows: 1, into: result.pointer)
    let spread = Double(policy.parameters.pointer[policy.distributionOffset]) + 0.5 * log(2 * .pi * M_E)
    #expect(abs(Double(result.pointer[0]) - expected.entropy - spread) < 2e-6)
    let mode = try Buffer<Float>(count: 5)
    try policy.mode(observation, masks: mask, rows: 1, actions: mode.pointer)
    let best = zip(expected.allowed, expected.probabilities).max { $0.1 < $1.1 }!.0
    #expect([0, 1, 2, 4].allSatisfy { mode.pointer[$0] == best[$0] })
  }

  @Test func scoresDivergencesAndFisherProductsFollow() throws {
    let (policy, other) = (try MaskTests.policy(50), try MaskTests.policy(51))
    var random = TestRandom(52)
    let observation = random.normals(4)
    let vector = random.normals(policy.parameters.count)
    let score = try ScoreGradient(policy)
    for _ in 0..<10 {
      let mask = MaskTests.masks(rows: 1, &random)
      let expected = try Expected(policy, observation, mask)
      let others = try Expected(other, observation, mask)
      // KL of the discrete parts by summing, of the Gaussian alone by taking the discrete parts' away.
      let discrete = zip(expected.probabilities, others.probabilities).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
      let unmasked = try Expected(policy, observation, [UInt8](repeating: 1, count: 9))
      let unmaskedOther = try Expected(other, observation, [UInt8](repeating: 1, count: 9))
      let whole = zip(unmasked.probabilities, unmaskedOther.probabilities).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
      let gaussian = Double(try policy.divergences(from: other, observation, rows: 1)[0]) - whole
      let result = try Buffer<Float>(count: policy.parameters.count)
      try policy.divergence(from: other, observation, masks: mask, rows: 1, into: result.pointer)
      #expect(abs(Double(result.pointer[0]) - discrete - gaussian) < 1e-5)

      // E[score] = 0 and F v = E[score (scoreᵀ v)] over the discrete actions, their Gaussian column at its mean, where
      // its score is that of log σ alone, -1, and its matrix is not the discrete parts' concern.
      let mode = try policy.modes(observation, rows: 1)[3]
      var (mean, product) = ([Double](repeating: 0, count: vector.count), [Double](repeating: 0, count: vector.count))
      for (action, probability) in zip(expected.allowed, expected.probabilities) {
        var centered = action
        centered[3] = mode
        try score(observation, masks: mask, centered, weights: [1], rows: 1, into: result.pointer)
        var numbers = doubles(result.array)
        #expect(abs(numbers[policy.distributionOffset] + 1) < 1e-5)
        numbers[policy.distributionOffset] = 0
        let along = zip(numbers, vector).reduce(0) { $0 + $1.0 * Double($1.1) }
        for index in 0..<mean.count {
          mean[index] += probability * numbers[index]
          product[index] += probability * along * numbers[index]
        }
      }
      #expect(mean.allSatisfy { abs($0) < 1e-5 })
      try score.fisherVector(observation, masks: mask, rows: 1, vector: vector, into: result.pointer)
      let withGaussian = doubles(result.array)
      // With one choice left to each part only the Gaussian is left.
      let one: [UInt8] = [1, 0, 0, 1, 0, 0, 1, 0, 1]
      try score.fisherVector(observation, masks: one, rows: 1, vector: vector, into: result.pointer)
      for index in 0..<product.count {
        #expect(abs(withGaussian[index] - Double(result.pointer[index]) - product[index]) < 2e-5)
      }
    }
  }

  @Test func aMaskedScoreIsTheScoreLessItsMeanOverWhatIsAllowed() throws {
    // log π(a|mask) = log π(a) - log Σ_b allowed π(b), and the gradient of the last is the mean allowed score.
    let policy = try MaskTests.policy(53)
    var random = TestRandom(54)
    let score = try ScoreGradient(policy)
    let result = try Buffer<Float>(count: policy.parameters.count)
    for _ in 0..<10 {
      let observation = random.normals(4)
      let mask = MaskTests.masks(rows: 1, &random)
      let expected = try Expected(policy, observation, mask)
      // The real number is the same in all, so its score is too, and comes back with the action's own.
      let scores = try expected.allowed.map { doubles(try policy.scoreGradient(observation, $0, weights: [1])) }
      for (index, action) in expected.allowed.enumerated() {
        try score(observation, masks: mask, action, weights: [1], rows: 1, into: result.pointer)
        let others = try gaussianScore(policy, observation, action, score)
        for place in 0..<result.count {
          var mean = 0.0
          for (number, probability) in expected.probabilities.enumerated() {
            mean += probability * scores[number][place]
          }
          #expect(abs(Double(result.pointer[place]) - (scores[index][place] - mean + others[place])) < 2e-5)
        }
      }
    }
  }

  /// The score of the real number alone: what is left where every other part has one choice.
  private func gaussianScore(
    _ policy: Policy, _ observation: [Float], _ action: [Float], _ score: ScoreGradient
  ) throws -> [Double] {
    var mask = [UInt8](repeating: 0, count: 9)
    for (first, column) in [(0, 0), (3, 1), (5, 2), (7, 4)] { mask[first + Int(action[column])] = 1 }
    let result = try Buffer<Float>(count: policy.parameters.count)
    try score(observation, masks: mask, action, weights: [1], rows: 1, into: result.pointer)
    return doubles(result.array)
  }

  @Test func aMaskOfAllOnesChangesNoBit() throws {
    let (policy, same) = (try MaskTests.policy(60), try MaskTests.policy(60))
    var random = TestRandom(61)
    let observations = random.normals(100 * 4)
    let masks = [UInt8](repeating: 1, count: 100 * 9)
    let (actions, logs) = (try Buffer<Float>(count: 500), try Buffer<Float>(count: 100))
    try policy.sample(observations, masks: masks, rows: 100, actions: actions.pointer, logProbabilities: logs.pointer)
    let plain = try same.samples(observations, rows: 100)
    #expect(actions.array == plain.actions)
    #expect(logs.array == plain.logProbabilities)
  }

  @Test func ofTenThousandChoicesOneIsLeft() throws {
    let policy = try randomPolicy(3, [ActionPart(.categorical, size: 10_000)], hidden: [], seed: 62)
    var random = TestRandom(63)
    let observations = random.normals(70 * 3)
    var masks = [UInt8](repeating: 0, count: 70 * 10_000)
    let left = (0..<70).map { _ in Float(random.below(10_000)) }
    for (row, choice) in left.enumerated() { masks[row * 10_000 + Int(choice)] = 1 }
    let (actions, numbers) = (try Buffer<Float>(count: 70), try Buffer<Float>(count: 70))
    try policy.sample(observations, masks: masks, rows: 70, actions: actions.pointer, logProbabilities: numbers.pointer)
    #expect(actions.array == left)
    #expect(numbers.array.allSatisfy { $0 == 0 })
    try policy.mode(observations, masks: masks, rows: 70, actions: actions.pointer)
    #expect(actions.array == left)
    try policy.entropy(observations, masks: masks, rows: 70, into: numbers.pointer)
    #expect(numbers.array.allSatisfy { $0 == 0 })
    let other = try randomPolicy(3, [ActionPart(.categorical, size: 10_000)], hidden: [], seed: 64)
    try policy.divergence(from: other, observations, masks: masks, rows: 70, into: numbers.pointer)
    #expect(numbers.array.allSatisfy { $0 == 0 })
    let gradient = try Buffer<Float>(count: policy.parameters.count)
    let weights = random.normals(70)
    let score = try ScoreGradient(policy)
    try score(observations, masks: masks, left, weights: weights, rows: 70, into: gradient.pointer)
    #expect(gradient.array.allSatisfy { $0 == 0 })
    let vector = random.normals(policy.parameters.count)
    try score.fisherVector(observations, masks: masks, rows: 70, vector: vector, into: gradient.pointer)
    #expect(gradient.array.allSatisfy { $0 == 0 })
  }

  @Test func masksThatLeaveNoChoiceAndActionsThatAreNotAllowedAreRefused() throws {
    let policy = try MaskTests.policy(65)
    #expect(policy.maskSize == 9)
    func refusal(_ spoil: (inout [UInt8]) -> Void) -> String? {
      var masks = [UInt8](repeating: 1, count: 18)
      spoil(&masks)
      do throws(Refusal) {
        try policy.check(masks: masks, rows: 2)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(refusal { _ in } == nil)
    #expect(
      refusal { for index in 9..<12 { $0[index] = 0 } }
        == "masks[1] allows no choice of parts[0]; at least one of its flags must be 1")
    #expect(
      refusal { ($0[5], $0[6]) = (0, 0) }
        == "masks[0] allows column 1 of parts[1] neither 0 nor 1; at least one of its flags must be 1")
    #expect(
      refusal { ($0[16], $0[17]) = (0, 0) }
        == "masks[1] allows no choice of parts[3]; at least one of its flags must be 1")

    let mask: [UInt8] = [1, 0, 1, 1, 1, 0, 1, 1, 0]
    func refusal(of action: [Float]) -> String? {
      do throws(Refusal) {
        try policy.check(action, rows: 1, masks: mask)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(refusal(of: [2, 1, 1, 5, 0]) == nil)
    #expect(refusal(of: [1, 1, 1, 5, 0]) == "actions[0, 0] is 1.0; it must be a choice that masks[0] allows")
    #expect(refusal(of: [2, 1, 0, 5, 0]) == "actions[0, 2] is 0.0; it must be a choice that masks[0] allows")
    #expect(refusal(of: [2, 1, 1, 5, 1]) == "actions[0, 4] is 1.0; it must be a choice that masks[0] allows")
    #expect(refusal(of: [3, 1, 1, 5, 0]) == "actions[0, 0] is 3.0; it must be a whole number from 0 to 2")
  }
}
