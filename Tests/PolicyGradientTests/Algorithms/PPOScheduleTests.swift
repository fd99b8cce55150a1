import Foundation
import Testing

@testable import PolicyGradient

/// What governs PPO's passes over a rollout: epochs, minibatches, the KL limit and the schedules.
struct PPOScheduleTests {
  private func configuration(_ change: (inout AgentConfiguration) -> Void) -> AgentConfiguration {
    var configuration = AgentConfiguration(.ppo)
    configuration.environments = 2
    configuration.steps = 5
    configuration.batchSize = 5
    configuration.epochs = 3
    configuration.learningRate = 0.01
    change(&configuration)
    return configuration
  }

  /// Collects and learns from `updates` rollouts of an environment that rewards action 1.
  private func learn(
    updates: Int, _ change: (inout AgentConfiguration) -> Void = { _ in }, after: (Agent) -> Void = { _ in }
  ) throws -> Agent {
    let policy = try randomPolicy(2, [ActionPart(.categorical, size: 2)], hidden: [8], seed: 6)
    let harness = try AgentHarness(policy, configuration(change))
    var random = TestRandom(1)
    try harness.begin(random.normals(4))
    var done = 0
    while done < updates {
      let actions = try harness.act()
      if try harness.observe(rewards: actions, next: random.normals(4)) {
        done += 1
        after(harness.agent)
      }
    }
    return harness.agent
  }

  @Test func everyEpochTakesEachMinibatch() throws {
    // 10 rows in minibatches of 5, over 3 epochs.
    #expect(try learn(updates: 1).learner.optimizer.steps == 6)
    #expect(try learn(updates: 1) { $0.batchSize = 10 }.learner.optimizer.steps == 3)
    #expect(try learn(updates: 1) { $0.batchSize = 1 }.learner.optimizer.steps == 30)
  }

  @Test func theKLLimitStopsTheEpochs() throws {
    // The first minibatch meets the policy that acted, of KL 0; after a step of 0.5 the second is far beyond the limit.
    let agent = try learn(updates: 1) {
      $0.batchSize = 10
      $0.epochs = 10
      $0.learningRate = 0.5
      $0.targetKL = 1e-6
    }
    #expect(agent.learner.optimizer.steps == 1)
    #expect(agent.statistics.update.approximateKL > 0)
    let free = try learn(updates: 1) {
      $0.batchSize = 10
      $0.epochs = 10
      $0.learningRate = 0.5
    }
    #expect(free.learner.optimizer.steps == 10)
  }

  @Test func linearSchedulesFallByTheStepsTaken() throws {
    var rates: [Double] = []
    var ranges: [Double] = []
    _ = try learn(updates: 5) {
      $0.learningRateSchedule = .linear
      $0.clipRangeSchedule = .linear
      $0.totalTimesteps = 40
    } after: {
      rates.append($0.statistics.update.learningRate)
      ranges.append($0.statistics.update.clipRange)
    }
    // Rollouts of 10 steps begin at 0, 10, 20, 30 and, beyond the end, 40 of 40.
    #expect(isNear(rates, [0.01, 0.0075, 0.005, 0.0025, 0], within: 1e-15))
    #expect(isNear(ranges, [0.2, 0.15, 0.1, 0.05, 0], within: 1e-15))
  }

  @Test func withoutAnEndSchedulesStayConstant() throws {
    let agent = try learn(updates: 3) { $0.learningRateSchedule = .linear }
    #expect(agent.statistics.update.learningRate == 0.01)
  }

  @Test func learningRaisesTheProbabilityOfWhatPays() throws {
    func probability(updates: Int) throws -> Float {
      exp(try learn(updates: updates).policy.logProbabilities([0.3, -0.2], [1], rows: 1)[0])
    }
    // What draws and roundings make of it is far from both.
    #expect(try probability(updates: 0) < 0.6)
    #expect(try probability(updates: 60) > 0.75)
  }

  @Test func anotherSeedDrawsAndShufflesOtherwise() throws {
    let bits = try [1, 1, 2].map { seed in
      try learn(updates: 1) { $0.seed = seed }.policy.parameters.array.map(\.bitPattern)
    }
    #expect(bits[0] == bits[1] && bits[0] != bits[2])
  }
}
