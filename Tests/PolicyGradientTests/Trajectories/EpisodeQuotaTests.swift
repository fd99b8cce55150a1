import Testing

@testable import PolicyGradient

/// REINFORCE learns from whole trajectories that began in the rollout, as many of each environment.
struct EpisodeQuotaTests {
  /// Environments whose episodes have the given lengths, over and over; what they show is their number and the step.
  private struct ScriptedEnvironments {
    let lengths: [[Int]]
    var episode: [Int]
    var age: [Int]

    init(_ lengths: [[Int]]) {
      self.lengths = lengths
      episode = lengths.map { _ in 0 }
      age = episode
    }

    mutating func step() -> [UInt8] {
      lengths.indices.map { index in
        age[index] += 1
        guard age[index] == lengths[index][episode[index] % lengths[index].count] else { return 0 }
        age[index] = 0
        episode[index] += 1
        return 1
      }
    }

    var observations: [Float] { age.map { Float($0) / 8 } }
  }

  private func harness(environments: Int, _ change: (inout AgentConfiguration) -> Void) throws -> AgentHarness {
    var configuration = gradientConfiguration(.reinforce)
    configuration.environments = environments
    configuration.gamma = 1
    change(&configuration)
    return try AgentHarness(randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [3], seed: 1), configuration)
  }

  /// Steps until the agent learns.
  /// - Returns: The `episodeSteps` of every step's rows, which stay in the rollout until overwritten.
  private func rollout(_ harness: AgentHarness, _ env: inout ScriptedEnvironments) throws -> [[Int32]] {
    let count = env.lengths.count
    var steps = 0
    var learned = false
    while !learned {
      try harness.act()
      let ended = env.step()
      learned = try harness.observe(
        rewards: [Float](repeating: 1, count: count), terminated: ended, next: env.observations)
      steps += 1
    }
    let episodeSteps = harness.agent.rollout.episodeSteps.array
    return (0..<count).map { index in (0..<steps).map { episodeSteps[$0 * count + index] } }
  }

  @Test func eachEnvironmentGivesItsNumberOfWholeTrajectories() throws {
    let harness = try harness(environments: 3) { $0.episodes = 2 }
    var env = ScriptedEnvironments([[2, 5], [1], [5]])
    try harness.begin(env.observations)
    // Environment 2 takes longest, 5 + 5 steps; the others' steps after their second episode are excluded.
    let first = try rollout(harness, &env)
    #expect(first[0] == [0, 1, 0, 1, 2, 3, 4, -1, -1, -1])
    #expect(first[1] == [0, 0, -1, -1, -1, -1, -1, -1, -1, -1])
    #expect(first[2] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    // Environment 0 is now in the second step of an episode of 5, which began before: its last 4 steps are left out.
    let second = try rollout(harness, &env)
    #expect(second[0] == [-1, -1, -1, -1, 0, 1, 0, 1, 2, 3, 4])
    #expect(second[1] == [0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1])
    #expect(second[2] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, -1])
    #expect(harness.agent.statistics.updates == 2)
  }

  @Test func aTrajectoryIsCutAtTheHorizonAndTheRestLeftOut() throws {
    let harness = try harness(environments: 1) {
      $0.episodes = 2
      $0.steps = 3
      $0.hasBaseline = true
    }
    var env = ScriptedEnvironments([[5, 2]])
    try harness.begin(env.observations)
    #expect(try rollout(harness, &env) == [[0, 1, 2, -1, -1, 0, 1]])
    let rollout = harness.agent.rollout
    #expect(Array(rollout.truncated.array[..<7]) == [0, 0, 1, 0, 0, 0, 0])
    #expect(Array(rollout.terminated.array[..<7]) == [0, 0, 0, 0, 1, 0, 1])
    // The truncated trajectory continues with the value of the next observation, by the parameters of that time.
    #expect(rollout.finalValues.pointer[2] != 0 && rollout.finalValues.pointer[6] == 0)
  }

  @Test func aTrajectoryLongerThanTheFirstRoomIsKeptWhole() throws {
    let length = 2_500
    let harness = try harness(environments: 1) { $0.episodes = 1 }
    let policy = harness.agent.policy
    let start = policy.parameters.array
    var env = ScriptedEnvironments([[length]])
    var (observations, actions) = ([Float](), [Float]())
    try harness.begin(env.observations)
    var learned = false
    while !learned {
      observations += env.observations
      actions += try harness.act()
      let ended = env.step()
      learned = try harness.observe(rewards: [1], terminated: ended, next: env.observations)
    }
    #expect(harness.agent.statistics.timesteps == Int64(length))
    let climbed = zip(policy.parameters.array, start).map { $0 - $1 }

    // One trajectory, so the gradient is R(τ) Σ ∇log π with R = 2,500.
    policy.parameters.write(start)
    let gradient = try Buffer<Float>(count: start.count)
    try ScoreGradient(policy)(
      observations, actions, weights: [Float](repeating: Float(length), count: length), rows: length,
      into: gradient.pointer)
    // Each row adds about R/2 to the gradient by a logit's bias. Single precision loses less than two millionths of the
    // sum of their magnitudes, in whatever order they are added; one row lost would be a hundred times that.
    #expect(isNear(climbed, gradient.array, within: 2e-6 * Float(length * length)))
  }
}
