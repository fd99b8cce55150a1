import Foundation
import Testing

@testable import PolicyGradient

/// A whole update, from environment steps to new parameters, against central differences of its objective in double
/// precision.
struct UpdateGradientTests {
  private static let environments = 2
  private static let steps = 5
  private static let rows = environments * steps

  /// The steps of a rollout, in the order of its rows.
  private struct Experience {
    var observations: [Float] = []
    var actions: [Float] = []
    var rewards: [Float] = []
    var terminated: [UInt8] = []
    var truncated: [UInt8] = []
    var final: [Float] = []
    var last: [Float] = []
  }

  private func configuration(_ algorithm: AlgorithmKind) -> AgentConfiguration {
    var configuration = gradientConfiguration(algorithm)
    configuration.environments = UpdateGradientTests.environments
    configuration.steps = UpdateGradientTests.steps
    configuration.batchSize = UpdateGradientTests.rows
    configuration.gamma = 0.9
    configuration.gaeLambda = 0.8
    configuration.entropyCoefficient = 0.25
    configuration.valueCoefficient = 0.75
    return configuration
  }

  @Test(arguments: [AlgorithmKind.a2c, .ppo], [false, true])
  func oneUpdateClimbsItsObjective(algorithm: AlgorithmKind, normalizes: Bool) throws {
    var configuration = configuration(algorithm)
    configuration.advantageNormalization = normalizes ? .minibatch : .off
    let parts = [ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 2)]
    let policy = try randomPolicy(3, parts, hidden: [6], seed: 2)
    let reference = ReferencePolicy(policy)
    let (harness, experience) = try collect(policy, configuration)
    let climbed = zip(policy.parameters.array, reference.parameters).map { Double($0) - $1 }

    let (advantages, targets) = advantages(reference, experience)
    let weights = normalizes ? normalized(advantages) : advantages
    let n = Double(UpdateGradientTests.rows)
    let expected = reference.parameters.indices.map { index in
      reference.derivative(index) { moved in
        var objective = 0.0
        for place in 0..<UpdateGradientTests.rows {
          let observation = doubles(row(experience.observations, place, 3))
          objective += weights[place] * moved.logProbability(observation, row(experience.actions, place, 3))
          objective += 0.25 * moved.entropy(observation)
          let error = moved.value(observation) - targets[place]
          objective -= 0.75 * error * error
        }
        return objective / n
      }
    }
    let largest = expected.map(abs).max() ?? 0
    let worst = zip(climbed, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-4 * largest)

    let update = harness.agent.statistics.update
    let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(update.gradientNorm - norm) < 1e-4 * norm)
    let losses = (0..<UpdateGradientTests.rows).map { place in
      pow(reference.value(doubles(row(experience.observations, place, 3))) - targets[place], 2)
    }
    #expect(abs(update.valueLoss - losses.reduce(0, +) / n) < 1e-4 * update.valueLoss)
    let entropies = (0..<UpdateGradientTests.rows).map {
      reference.entropy(doubles(row(experience.observations, $0, 3)))
    }
    #expect(abs(update.entropy - entropies.reduce(0, +) / n) < 1e-5)
    // 1 - Var(target - V) / Var(target), where target - V is the advantage; a variance's divisor cancels.
    #expect(abs(update.explainedVariance - (1 - squares(advantages) / squares(targets))) < 1e-4)
  }

  @Test func theFirstRatioOfPPOIsExactlyOne() throws {
    let parts = [ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 2)]
    let policy = try randomPolicy(3, parts, hidden: [64, 33], seed: 3)
    let (harness, _) = try collect(policy, configuration(.ppo))
    let update = harness.agent.statistics.update
    #expect(update.approximateKL == 0 && update.clipFraction == 0)
  }

  @Test func aMinibatchOfOneIsNotNormalized() throws {
    var configuration = configuration(.ppo)
    configuration.environments = 1
    configuration.steps = 1
    configuration.batchSize = 1
    let policy = try randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [], seed: 3)
    let reference = ReferencePolicy(policy)
    let harness = try AgentHarness(policy, configuration)
    try harness.begin([0.5])
    let action = try harness.act()
    try harness.observe(rewards: [2], terminated: [1], next: [0])
    // A = 2 - V(s); the policy's part of the objective is A log π + ¼ H.
    let advantage = 2 - reference.value([0.5])
    for index in 0..<reference.valueStart {
      let expected = reference.derivative(index) {
        advantage * $0.logProbability([0.5], action) + 0.25 * $0.entropy([0.5])
      }
      #expect(abs(Double(policy.parameters.pointer[index]) - reference.parameters[index] - expected) < 1e-5)
    }
  }

  @Test func aLongGradientIsCutToItsLimitAndKeepsItsDirection() throws {
    var free = configuration(.a2c)
    free.valueCoefficient = 5
    var cut = free
    cut.maxGradNorm = 0.5
    let steps = try [free, cut].map { configuration in
      let policy = try randomPolicy(3, [ActionPart(.gaussian, size: 3)], hidden: [6], seed: 2)
      let start = policy.parameters.array
      let (harness, _) = try collect(policy, configuration)
      return (zip(policy.parameters.array, start).map { Double($0 - $1) }, harness.agent.statistics.update.gradientNorm)
    }
    #expect(steps[0].1 == steps[1].1 && steps[0].1 > 0.5)
    for (long, short) in zip(steps[0].0, steps[1].0) {
      #expect(abs(short - long * 0.5 / steps[0].1) < 1e-5)
    }
  }

  // MARK: Support

  /// Lives one rollout: environment 0 is truncated at step 1 and terminated at step 3, environment 1 terminated at step
  /// 2.
  private func collect(_ policy: Policy, _ configuration: AgentConfiguration) throws -> (AgentHarness, Experience) {
    var random = TestRandom(9)
    let harness = try AgentHarness(policy, configuration)
    var experience = Experience()
    var observations = random.normals(2 * policy.observationSize)
    try harness.begin(observations)
    for step in 0..<UpdateGradientTests.steps {
      experience.observations += observations
      try harness.act()
      experience.actions += Array(
        harness.agent.rollout.draws.array[step * 2 * policy.actionSize..<(step + 1) * 2 * policy.actionSize])
      let rewards = random.normals(2)
      let terminated: [UInt8] = step == 3 ? [1, 0] : step == 2 ? [0, 1] : [0, 0]
      let truncated: [UInt8] = step == 1 ? [1, 0] : [0, 0]
      let final = random.normals(2 * policy.observationSize)
      observations = random.normals(2 * policy.observationSize)
      experience.rewards += rewards
      experience.terminated += terminated
      experience.truncated += truncated
      experience.final += final
      let learned = try harness.observe(
        rewards: rewards, terminated: terminated, truncated: truncated, next: observations, final: final)
      #expect(learned == (step == UpdateGradientTests.steps - 1))
    }
    experience.last = observations
    return (harness, experience)
  }

  /// Generalised advantages and targets, as the header states them.
  private func advantages(_ reference: ReferencePolicy, _ experience: Experience) -> (
    advantages: [Double], targets: [Double]
  ) {
    let (rows, width) = (UpdateGradientTests.rows, 3)
    let values = (0..<rows).map { reference.value(doubles(row(experience.observations, $0, width))) }
    var advantages = [Double](repeating: 0, count: rows)
    for environment in 0..<2 {
      var (advantage, next) = (0.0, reference.value(doubles(row(experience.last, environment, width))))
      for step in (0..<UpdateGradientTests.steps).reversed() {
        let place = step * 2 + environment
        let ended = experience.terminated[place] + experience.truncated[place] > 0
        if experience.terminated[place] == 1 { next = 0 }
        if experience.truncated[place] == 1 { next = reference.value(doubles(row(experience.final, place, width))) }
        let delta = Double(experience.rewards[place]) + 0.9 * next - values[place]
        advantage = delta + (ended ? 0 : 0.9 * 0.8 * advantage)
        advantages[place] = advantage
        next = values[place]
      }
    }
    return (advantages, zip(advantages, values).map { $0 + $1 })
  }

  /// Sum of squared deviations from the mean.
  private func squares(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  /// Mean 0, and standard deviation 1 by the divisor n - 1.
  private func normalized(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    let deviation = (squares(values) / Double(values.count - 1)).squareRoot()
    return values.map { ($0 - mean) / deviation }
  }
}
