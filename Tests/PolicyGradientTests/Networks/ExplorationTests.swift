import Foundation
import Testing

@testable import PolicyGradient

/// State-dependent exploration against its formulas in double precision.
struct ExplorationTests {
  private static let inputs = 3
  private static let columns = 2
  private static let rows = 5

  private func policy(
    hidden: [Int], _ kind: ActionPart.Kind = .gaussian, hasBias: Bool = true, hasExpln: Bool = false
  ) throws -> Policy {
    var configuration = PolicyConfiguration(
      observationSize: Self.inputs, parts: [ActionPart(kind, size: Self.columns, low: -2, high: 2)])
    configuration.hiddenSizes = hidden
    configuration.hasStateDependentExploration = true
    configuration.hasBias = hasBias
    configuration.hasExpln = hasExpln
    configuration.hasValueFunction = false
    let policy = try Policy(configuration)
    var random = TestRandom(8)
    for index in 0..<policy.parameters.count { policy.parameters.pointer[index] = Float(0.5 * random.normal()) }
    return policy
  }

  private func observations() -> [Float] {
    var random = TestRandom(4)
    return random.normals(Self.rows * Self.inputs)
  }

  @Test(arguments: [[], [6]], [(true, false), (false, false), (true, true)])
  func probabilitiesAndScoresMatchTheFormula(hidden: [Int], options: (hasBias: Bool, hasExpln: Bool)) throws {
    let policy = try policy(hidden: hidden, hasBias: options.hasBias, hasExpln: options.hasExpln)
    let reference = ReferencePolicy(policy)
    let seen = observations()
    var random = TestRandom(6)
    let actions = random.normals(Self.rows * Self.columns)
    let weights = random.normals(Self.rows)
    let found = try policy.logProbabilities(seen, actions, rows: Self.rows)
    for place in 0..<Self.rows {
      let expected = reference.logProbability(doubles(row(seen, place, 3)), row(actions, place, 2))
      #expect(abs(Double(found[place]) - expected) < 1e-4 * (1 + abs(expected)))
    }
    let gradient = doubles(try policy.scoreGradient(seen, actions, weights: weights))
    let expected = reference.gradient { moved in
      (0..<Self.rows).reduce(0) {
        $0 + Double(weights[$1]) * moved.logProbability(doubles(row(seen, $1, 3)), row(actions, $1, 2))
      }
    }
    #expect(relativeError(gradient, expected) < 1e-4)
  }

  @Test(arguments: [[], [6]], [false, true])
  func productsWithTheFisherMatrixMatchTheFormula(hidden: [Int], hasExpln: Bool) throws {
    // Of a Gaussian column the matrix is 1/σ² for the mean and 2 for log σ.
    let policy = try policy(hidden: hidden, hasExpln: hasExpln)
    let reference = ReferencePolicy(policy)
    let seen = observations()
    var random = TestRandom(7)
    let vector = random.normals(policy.parameters.count)
    var expected = [Double](repeating: 0, count: vector.count)
    for place in 0..<Self.rows {
      let x = doubles(row(seen, place, 3))
      let logStds = reference.heads(x)[0].second
      for j in 0..<Self.columns {
        let mean = reference.gradient { $0.heads(x)[0].first[j] }
        let logStd = reference.gradient { $0.heads(x)[0].second[j] }
        for (slope, weight) in [(mean, exp(-2 * logStds[j])), (logStd, 2)] {
          let along = zip(slope, vector).reduce(0) { $0 + $1.0 * Double($1.1) }
          for index in slope.indices { expected[index] += weight * along * slope[index] / Double(Self.rows) }
        }
      }
    }
    let found = doubles(try policy.fisherProduct(seen, rows: Self.rows, vector))
    #expect(relativeError(found, expected) < 1e-4)
  }

  @Test func explnIsFlatterThanTheExponentialAboveZero() throws {
    // Of one feature φ = 1 and b = 0, σ = √(f(s)² + 10⁻⁶): f(-1) = 0.367_879, f(0) = 1 and f(e - 1) = 2, where e^s is
    // 5.574_94.
    let policy = try policy(hidden: [], hasExpln: true)
    let exponential = try self.policy(hidden: [])
    func deviation(_ policy: Policy, _ s: Float) throws -> Float {
      policy.parameters.pointer.update(repeating: 0, count: policy.parameters.count)
      policy.parameters.pointer[2] = s
      // log N(0; 0, σ) = -log σ - ½ log 2π; the other column has σ = 1.
      return exp(-(try policy.logProbabilities([1, 0, 0], [0, 0], rows: 1)[0]) - log(2 * .pi))
    }
    for (s, expected) in [(-1, 0.367_881), (0, 1.000_000_5), (1.718_281_8, 2.000_000_2)] as [(Float, Float)] {
      #expect(abs(try deviation(policy, s) - expected) < 2e-6 * expected)
    }
    #expect(abs(try deviation(exponential, 1.718_281_8) - 5.574_942) < 2e-5)
  }

  @Test(arguments: [false, true]) func noiseIsLinearInTheFeatures(hasExpln: Bool) throws {
    let policy = try policy(hidden: [], hasExpln: hasExpln)
    func noise(_ observation: [Float], step: UInt64) throws -> [Float] {
      let drawn = try policy.samples(observation, rows: 1, seed: 3, step: step)
      return zip(drawn, try policy.modes(observation, rows: 1)).map { $0 - $1 }
    }
    let (one, other, both): ([Float], [Float], [Float]) = ([1, 0.5, -2], [0.5, 2, 1], [1.5, 2.5, -1])
    for step: UInt64 in 0..<5 {
      let sum = zip(try noise(one, step: step), try noise(other, step: step)).map { $0 + $1 }
      #expect(isNear(try noise(both, step: step), sum, within: 1e-4))
    }
    #expect(try noise(one, step: 0) != noise(one, step: 1))
  }

  @Test(arguments: [[], [6]], [false, true])
  func overItsMatricesActionsHaveTheReportedMoments(hidden: [Int], hasExpln: Bool) throws {
    let policy = try policy(hidden: hidden, hasExpln: hasExpln)
    let count = 40_000
    let observation = Array(observations().prefix(3))
    let head = ReferencePolicy(policy).heads(doubles(observation))[0]
    let drawn = try policy.samples([[Float]](repeating: observation, count: count).flatMap { $0 }, rows: count).actions
    for j in 0..<Self.columns {
      let z = (0..<count).map { (Double(drawn[$0 * 2 + j]) - head.first[j]) / exp(head.second[j]) }
      let mean = z.reduce(0, +) / Double(count)
      let square = z.reduce(0) { $0 + $1 * $1 } / Double(count)
      // Four standard errors: 1/√n of the mean, √(2/n) of the square.
      #expect(abs(mean) < 4 / Double(count).squareRoot())
      #expect(abs(square - 1) < 4 * (2 / Double(count)).squareRoot())
    }
  }

  @Test(arguments: [ActionPart.Kind.gaussian, .squashedGaussian])
  func drawsHaveTheReportedProbability(kind: ActionPart.Kind) throws {
    let policy = try policy(hidden: [6], kind)
    let seen = observations()
    let actions = try Buffer<Float>(count: Self.rows * policy.actionSize)
    let draws = try Buffer<Float>(count: actions.count)
    let (reported, logs) = (try Buffer<Float>(count: Self.rows), try Buffer<Float>(count: Self.rows))
    try policy.sample(
      seen, rows: Self.rows, actions: actions.pointer, draws: draws.pointer, logProbabilities: reported.pointer)
    try policy.logProbability(seen, draws.pointer, areDraws: true, rows: Self.rows, into: logs.pointer)
    #expect(logs.array == reported.array)
  }

  /// The actions of an agent in an environment that never changes. Each rollout has six steps, and nothing is learned.
  private func actions(every steps: Int, count: Int) throws -> [[Float]] {
    var configuration = gradientConfiguration(.a2c)
    configuration.environments = 2
    configuration.steps = 6
    configuration.learningRate = 1e-30
    configuration.explorationSteps = steps
    var policy = PolicyConfiguration(observationSize: 1, parts: [ActionPart(.gaussian, size: 1, low: -9, high: 9)])
    policy.hasStateDependentExploration = true
    let harness = try AgentHarness(Policy(policy), configuration)
    try harness.begin([1, 1])
    return try (0..<count).map { _ in
      let actions = try harness.act()
      try harness.observe(rewards: [0, 0], next: [1, 1])
      return actions
    }
  }

  @Test func aMatrixIsKeptForARolloutOrForAsManySteps() throws {
    func changes(every steps: Int) throws -> [Int] {
      let given = try actions(every: steps, count: 12)
      // Environments explore apart.
      #expect(given.allSatisfy { $0[0] != $0[1] })
      return (1..<12).filter { given[$0] != given[$0 - 1] }
    }
    #expect(try changes(every: 0) == [6])
    #expect(try changes(every: 4) == [4, 8])
    #expect(try changes(every: 1) == Array(1..<12))
  }

  @Test func aPolicyKeepsItsExplorationInItsFile() throws {
    let folder = try TemporaryFolder()
    let policy = try policy(hidden: [6])
    try policy.save(folder.path("policy"))
    let loaded = try Policy.load(folder.path("policy"))
    #expect(loaded.configuration == policy.configuration)
    #expect(
      try loaded.samples(observations(), rows: Self.rows).actions == policy.samples(observations(), rows: 5).actions)
  }

  @Test func whatContradictsItIsRefused() throws {
    func refused(_ kind: ActionPart.Kind, _ change: (inout PolicyConfiguration) -> Void) -> String? {
      var configuration = PolicyConfiguration(observationSize: 1, parts: [ActionPart(kind, size: 2, low: 0, high: 1)])
      configuration.hasStateDependentExploration = true
      change(&configuration)
      return refusal { _ = try Policy(configuration) }?.message
    }
    #expect(refused(.squashedGaussian) { _ in } == nil)
    #expect(
      refused(.beta) { _ in }?.hasPrefix("state_dependent_exploration is 1; it must be 0 without a Gauss") == true)
    #expect(
      refused(.gaussian) { $0.hasStateDependentStd = true }
        == "state_dependent_exploration is 1; it must be 0 if state_dependent_std is 1: each of them defines σ")
    #expect(
      refused(.gaussian) {
        $0.hasBias = false
        $0.initialLogStd = 1
      }?.hasPrefix("initial_log_std is 1.0") == true)
    #expect(
      refused(.gaussian) {
        $0.hasStateDependentExploration = false
        $0.hasExpln = true
      } == "expln is 1; it must be 0 unless state_dependent_exploration is 1")
    var agent = AgentConfiguration(.ppo)
    agent.explorationSteps = 4
    let plain = try Policy(PolicyConfiguration(observationSize: 1, parts: [ActionPart(.gaussian, size: 1)]))
    #expect(
      refusal { _ = try Agent(plain, agent) }?.message
        == "sde_sample_freq is 4; it must be 0 unless the policy has state_dependent_exploration")
  }
}
