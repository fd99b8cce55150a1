import Testing

@testable import PolicyGradient

/// Before the first step of an update the policy is the one that acted: whatever the minibatch, every ratio is exactly
/// 1.
struct FirstRatioTests {
  @Test(arguments: [false, true], [false, true])
  func theFirstMinibatchsRatioIsExactlyOne(normalizes: Bool, explores: Bool) throws {
    var configuration = AgentConfiguration(.ppo)
    configuration.environments = 3
    configuration.steps = 67
    configuration.batchSize = 67
    configuration.normalizesObservations = normalizes
    configuration.normalizesRewards = normalizes
    let parts = [
      ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 2, low: -1, high: 1),
      ActionPart(.squashedGaussian, size: 1, low: 0, high: 3),
    ]
    let policy = try randomPolicy(4, parts, hidden: [33, 20], seed: 3, explores: explores)
    let harness = try AgentHarness(policy, configuration)
    var random = TestRandom(5)
    try harness.begin(random.normals(12, scale: 4))
    for _ in 0..<66 {
      try harness.act()
      try harness.observe(rewards: random.normals(3), next: random.normals(12, scale: 4))
    }

    let rollout = harness.agent.rollout
    let count = 48
    let order = (0..<count).map { Int32(($0 * 37 + 11) % rollout.rows) }
    let observations = try Buffer<Float>(count: count * 4)
    let actions = try Buffer<Float>(count: count * 4)
    for (place, row) in order.enumerated() {
      (observations.pointer + 4 * place).update(from: rollout.observations.pointer + 4 * Int(row), count: 4)
      (actions.pointer + 4 * place).update(from: rollout.draws.pointer + 4 * Int(row), count: 4)
    }
    let pass = try PolicyPass(policy.shape)
    let now = try Buffer<Float>(count: count)
    defer { withExtendedLifetime(observations) {} }
    pass.forward(policy, observations, rows: count)
    pass.logProbability(actions.pointer, into: now.pointer)
    for (place, row) in order.enumerated() {
      #expect(now.pointer[place] - rollout.logProbabilities.pointer[Int(row)] == 0)
    }
  }
}
