import Foundation
import Testing

@testable import PolicyGradient

/// Files of agents and policies, whole and damaged.
struct AgentFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// An agent that has learned a little, with an episode under way.
  private func makeAgent(_ change: (inout AgentConfiguration) -> Void = { _ in }) throws -> AgentHarness {
    var configuration = AgentConfiguration(.a2c)
    configuration.environments = 2
    change(&configuration)
    let parts = [ActionPart(.categorical, size: 2), ActionPart(.gaussian, size: 1, low: -.infinity, high: 0.5)]
    let harness = try AgentHarness(randomPolicy(2, parts, hidden: [3], seed: 1), configuration)
    try harness.begin([1, 2, 3, 4])
    for step in 0..<12 {
      try harness.act()
      try harness.observe(
        rewards: [Float(step), 1], terminated: [step % 3 == 0 ? 1 : 0, 0], next: [Float(step), 1, 0.5, -1])
    }
    return harness
  }

  @Test func everythingIsReadAsItWasWritten() throws {
    let harness = try makeAgent {
      $0.seed = .max
      $0.gamma = 0.1 + 0.2
      $0.totalTimesteps = .max
      $0.learningRateSchedule = .linear
      $0.autoresetMode = .nextStep
    }
    let before = harness.agent
    try before.save(folder.path("agent"))
    let after = try Agent.load(folder.path("agent"))
    #expect(after.configuration == before.configuration)
    #expect(after.policy.configuration == before.policy.configuration)
    #expect(after.policy.parameters.array == before.policy.parameters.array)
    #expect(after.policy.draws == before.policy.draws)
    #expect(after.learner.optimizer.steps == before.learner.optimizer.steps)
    #expect(after.progress.episodeSteps == before.progress.episodeSteps)
    #expect(after.progress.isResetting == before.progress.isResetting)
    #expect(after.progress.draws == before.progress.draws)
    #expect(after.progress.timesteps == before.progress.timesteps)
    #expect(after.progress.record.runningReturns == before.progress.record.runningReturns)
    #expect(after.progress.record.returns == before.progress.record.returns)
    #expect(after.statistics.meanLength == before.statistics.meanLength)
    // The same file again.
    try after.save(folder.path("again"))
    #expect(try contents(folder.path("again")) == contents(folder.path("agent")))
    // A policy can be read from an agent's file, but not the other way round.
    #expect(try Policy.load(folder.path("agent")).parameters.array == before.policy.parameters.array)
    try before.policy.save(folder.path("policy"))
    #expect(refusal { _ = try Agent.load(folder.path("policy")) }?.reason == .badFile)
  }

  @Test func anAgentThatHasNotBegunIsReadSo() throws {
    let policy = try randomPolicy(2, [ActionPart(.categorical, size: 2)], hidden: [], seed: 1)
    try Agent(policy, AgentConfiguration(.ppo)).save(folder.path("agent"))
    #expect(refusal { try AgentHarness(Agent.load(folder.path("agent"))).act() }?.reason == .badState)
  }

  @Test func everyTruncationIsRefused() throws {
    try makeAgent().agent.save(folder.path("agent"))
    for length in (0..<(try contents(folder.path("agent")).count)).reversed() {
      #expect(truncate(folder.path("agent"), off_t(length)) == 0)
      #expect(refusal { _ = try Agent.load(folder.path("agent")) }?.reason == .badFile)
    }
  }

  @Test func everyFlippedByteIsRefusedOrMakesAnAgentThatActs() throws {
    try makeAgent().agent.save(folder.path("agent"))
    let bytes = try contents(folder.path("agent"))
    var random = TestRandom(2)
    var (loaded, refused) = (0, 0)
    for place in bytes.indices {
      try overwrite(folder.path("agent"), at: place, with: bytes[place] ^ 1 << UInt8(random.below(8)))
      let refusal = refusal { try use(Agent.load(folder.path("agent"))) }
      try overwrite(folder.path("agent"), at: place, with: bytes[place])
      if refusal == nil { loaded += 1 } else { refused += 1 }
      #expect(refusal == nil || refusal?.reason == .badFile, "byte \(place): \(refusal?.message ?? "")")
    }
    // Most of a header is names that must be met; most of the numbers may be others.
    #expect(loaded > 100 && refused > 100)
  }

  /// Acts, observes and reports. An action or an update may be refused for numbers that a damaged file made too large.
  private func use(_ agent: Agent) throws {
    let harness = AgentHarness(agent)
    let count = agent.configuration.environments
    try agent.begin([Float](repeating: 0.5, count: count * agent.policy.observationSize))
    for _ in 0..<6 {
      do {
        try harness.act()
        try harness.observe(
          rewards: [Float](repeating: 1, count: count),
          terminated: [UInt8](repeating: 1, count: count),
          next: [Float](repeating: 0.5, count: count * agent.policy.observationSize))
      } catch let refusal as Refusal where refusal.reason == .notFinite {}
    }
    _ = agent.statistics
  }

  /// The file with some text of its header replaced.
  private func edited(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
    let length = Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16
    let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    #expect(header.contains(old))
    let changed = Array(header.replacingOccurrences(of: old, with: new).utf8)
    return withUnsafeBytes(of: UInt64(changed.count).littleEndian) { Array($0) } + changed + bytes[(8 + length)...]
  }

  @Test(arguments: ["updates", "timesteps", "optimizer_steps"])
  func countersThatCouldNotGoOnAreRefused(name: String) throws {
    let agent = try makeAgent().agent
    try agent.save(folder.path("agent"))
    let bytes = try contents(folder.path("agent"))
    let value = name == "timesteps" ? agent.progress.timesteps : agent.progress.updates
    for count in ["\(Int64.max)", "-1", "72057594037927937", "", "1.5", "nan"] {
      try write(
        edited(bytes, "\"agent.\(name)\":\"\(value)\"", "\"agent.\(name)\":\"\(count)\""), to: folder.path("edited"))
      #expect(refusal { _ = try Agent.load(folder.path("edited")) }?.reason == .badFile)
    }
    // From 2⁵⁶, the largest valid number, the counter can continue.
    try write(
      edited(bytes, "\"agent.\(name)\":\"\(value)\"", "\"agent.\(name)\":\"72057594037927936\""),
      to: folder.path("edited"))
    try use(Agent.load(folder.path("edited")))
  }

  @Test(arguments: [
    ("\"pgrad.format\":\"3\"", "\"pgrad.format\":\"9\""),
    ("\"policy.observation_size\":\"2\"", "\"policy.observation_size\":\"9223372036854775807\""),
    ("\"policy.observation_size\":\"2\"", "\"policy.observation_size\":\"65536\""),
    ("\"policy.hidden_sizes\":\"3\"", "\"policy.hidden_sizes\":\"65536 65536 65536\""),
    ("\"policy.hidden_sizes\":\"3\"", "\"policy.hidden_sizes\":\"-3\""),
    ("\"policy.activation\":\"1\"", "\"policy.activation\":\"7\""),
    ("\"agent.n_envs\":\"2\"", "\"agent.n_envs\":\"1048576\""),
    ("\"agent.n_envs\":\"2\"", "\"agent.n_envs\":\"0\""),
    ("\"agent.n_steps\":\"5\"", "\"agent.n_steps\":\"9223372036854775807\""),
    ("\"agent.gamma\":\"0.99\"", "\"agent.gamma\":\"nan\""),
    ("\"agent.algorithm\":\"2\"", "\"agent.algorithm\":\"4\""),
    ("\"agent.episodes\":\"4\"", "\"agent.episodes\":\"5\""),
    ("\"agent.episodes\":\"4\"", "\"agent.episodes\":\"-4\""),
    ("\"optimizer.second_moment\"", "\"optimizer.first_moment\""),
  ])
  func contradictionsAreRefused(old: String, new: String) throws {
    try makeAgent().agent.save(folder.path("agent"))
    try write(edited(try contents(folder.path("agent")), old, new), to: folder.path("edited"))
    #expect(refusal { _ = try Agent.load(folder.path("edited")) }?.reason == .badFile)
  }

  private func bytes(of number: Float) -> [UInt8] {
    withUnsafeBytes(of: number.bitPattern.littleEndian) { [UInt8]($0) }
  }

  @Test func numbersThatAreNotFiniteAreRefused() throws {
    let harness = try makeAgent()
    let optimizer = harness.agent.learner.optimizer
    for buffer in [harness.agent.policy.parameters, optimizer.rule.state[0].values] {
      let good = buffer.pointer[5]
      buffer.pointer[5] = 1234.5678
      try harness.agent.save(folder.path("agent"))
      buffer.pointer[5] = good
      let file = Data(try contents(folder.path("agent")))
      let place = try #require(file.range(of: Data(bytes(of: 1234.5678))))
      for bad in [Float.nan, .infinity] {
        var edited = file
        edited.replaceSubrange(place, with: bytes(of: bad))
        try write([UInt8](edited), to: folder.path("edited"))
        #expect(refusal { _ = try Agent.load(folder.path("edited")) }?.reason == .badFile)
      }
    }
    try harness.agent.save(folder.path("agent"))
    _ = try Agent.load(folder.path("agent"))
  }
}
