import CPGrad
import PolicyGradient
import Testing

@testable import CABI

/// Structures of programs built for other versions, shorter or longer than the library's.
struct OptionsTests {
  /// A structure as some version of the header might have it.
  private struct Sample: BitwiseCopyable, Equatable {
    var size: UInt32 = 0
    var first: Int32 = 1
    var second: Int64 = 2
    var third: Double = 3
  }

  private static let room = 64

  private func bytes(_ size: UInt32, _ words: [UInt64] = []) -> [UInt64] {
    var bytes = [UInt64](repeating: 0, count: OptionsTests.room / 8)
    bytes[0] = UInt64(size) | 7 << 32
    for (index, word) in words.enumerated() { bytes[index + 1] = word }
    return bytes
  }

  private func read(_ bytes: [UInt64]) throws -> Sample {
    try bytes.withUnsafeBytes { bytes in
      try readOptions(bytes.baseAddress?.assumingMemoryBound(to: Sample.self), defaults: Sample(), "config")
    }
  }

  @Test func whatAnOlderStructureLacksIsTheDefault() throws {
    #expect(try read(bytes(24, [20, 2.5.bitPattern])) == Sample(size: 24, first: 7, second: 20, third: 2.5))
    #expect(try read(bytes(16, [20, 2.5.bitPattern])) == Sample(size: 16, first: 7, second: 20, third: 3))
    #expect(try read(bytes(8, [20, 2.5.bitPattern])) == Sample(size: 8, first: 7, second: 2, third: 3))
  }

  @Test func aNewerStructureIsTakenWhereItsTailIsZero() throws {
    #expect(try read(bytes(32, [20, 2.5.bitPattern])) == Sample(size: 32, first: 7, second: 20, third: 2.5))
    let refused = refusal { _ = try read(bytes(32, [20, 2.5.bitPattern, 1 << 8])) }
    #expect(refused?.reason == .unsupported)
    #expect(refused?.message.contains("struct_size is 32, but byte 25 is not 0") == true)
    // What lies beyond the size is not the structure's.
    #expect(try read(bytes(24, [20, 2.5.bitPattern, 1 << 8])).second == 20)
  }

  @Test(arguments: [0, 4, 12, 7, 4_104, UInt32.max])
  func aSizeOfNoStructureIsRefused(size: UInt32) {
    #expect(refusal { _ = try read(bytes(size)) }?.reason == .invalidArgument)
  }

  @Test func aStructureThatIsNullIsRefused() {
    #expect(
      refusal { _ = try readOptions(UnsafePointer<Sample>?.none, defaults: Sample(), "config") }
        == Refusal(.invalidArgument, "config is NULL"))
    #expect(
      refusal { try writeOptions(UnsafeMutablePointer<Sample>?.none, 24, with: Sample(), "config") }?.reason
        == .invalidArgument
    )
  }

  @Test(arguments: [8, 16, 24, 32, 64])
  func fillingWritesAsManyBytesAsWereAskedFor(size: Int) throws {
    var words = [UInt64](repeating: .max, count: OptionsTests.room / 8)
    try words.withUnsafeMutableBytes { words in
      try writeOptions(words.baseAddress?.assumingMemoryBound(to: Sample.self), size, with: Sample(), "config")
    }
    let whole: [UInt64] = [UInt64(size) | 1 << 32, 2, 3.0.bitPattern] + [UInt64](repeating: 0, count: 5)
    #expect(words == Array(whole[..<(size / 8)]) + [UInt64](repeating: .max, count: 8 - size / 8))
  }

  @Test func everyStructureBeginsWithTheSizeItWasFilledFor() {
    var policy = pgrad_policy_config()
    var optimizer = pgrad_optimizer_config()
    var agent = pgrad_agent_config()
    var callbacks = pgrad_env_callbacks()
    #expect(pgrad_policy_config_init(&policy, MemoryLayout.size(ofValue: policy)) == PGRAD_OK)
    #expect(pgrad_optimizer_config_init(&optimizer, MemoryLayout.size(ofValue: optimizer)) == PGRAD_OK)
    #expect(pgrad_agent_config_init(&agent, MemoryLayout.size(ofValue: agent)) == PGRAD_OK)
    #expect(pgrad_env_callbacks_init(&callbacks, MemoryLayout.size(ofValue: callbacks)) == PGRAD_OK)
    #expect(policy.struct_size == UInt32(MemoryLayout<pgrad_policy_config>.size))
    #expect(optimizer.struct_size == UInt32(MemoryLayout<pgrad_optimizer_config>.size))
    #expect(agent.struct_size == UInt32(MemoryLayout<pgrad_agent_config>.size))
    #expect(callbacks.struct_size == UInt32(MemoryLayout<pgrad_env_callbacks>.size))
    // Sizes are multiples of 8, so that no field of an older structure is cut in two.
    for size in [
      MemoryLayout<pgrad_policy_config>.size, MemoryLayout<pgrad_optimizer_config>.size,
      MemoryLayout<pgrad_agent_config>.size, MemoryLayout<pgrad_env_callbacks>.size,
      MemoryLayout<pgrad_statistics>.size, MemoryLayout<pgrad_env_info>.size,
    ] {
      #expect(size % 8 == 0)
    }
  }

  @Test(arguments: [PGRAD_REINFORCE, PGRAD_A2C, PGRAD_PPO])
  func anAgentsConfigurationSurvivesTheWayThroughC(algorithm: pgrad_algorithm) throws {
    var config = pgrad_agent_config()
    #expect(pgrad_agent_config_init(&config, MemoryLayout.size(ofValue: config)) == PGRAD_OK)
    #expect(pgrad_agent_config_algorithm(&config, Int32(bitPattern: algorithm.rawValue)) == PGRAD_OK)
    var configuration = try config.configuration()
    #expect(configuration == AgentConfiguration(configuration.kind))
    #expect(UInt32(configuration.kind.rawValue) == algorithm.rawValue)
    // Every field set to something of its own.
    configuration.environments = 3
    configuration.steps = 5
    configuration.episodes = 7
    configuration.batchSize = 11
    configuration.epochs = 13
    configuration.totalTimesteps = 17
    configuration.seed = 19
    configuration.learningRate = 0.21
    configuration.gamma = 0.22
    configuration.gaeLambda = 0.23
    configuration.clipRange = 0.24
    configuration.clipRangeValue = 0.25
    configuration.valueClip = .alone
    configuration.entropyCoefficient = 0.26
    configuration.valueCoefficient = 0.27
    configuration.maxGradNorm = 0.28
    configuration.targetKL = 0.29
    configuration.optimizerEpsilon = 0.31
    configuration.optimizer = .sgd
    configuration.estimator = .rewardToGo
    configuration.hasBaseline = true
    configuration.discountsScores = true
    configuration.advantageNormalization = .batch
    configuration.desiredKL = 0.32
    configuration.klCoefficient = 0.33
    configuration.rhoClip = 0.34
    configuration.cClip = 0.35
    configuration.observationClip = 0.36
    configuration.rewardClip = 0.37
    configuration.normalizesObservations = true
    configuration.normalizesRewards = true
    configuration.entropySchedule = .cosine
    configuration.surrogate = .klPenalty
    configuration.recomputesAdvantages = true
    configuration.learningRateSchedule = .linear
    configuration.clipRangeSchedule = .linear
    configuration.autoresetMode = .nextStep
    configuration.threads = 37
    config.set(configuration)
    #expect(try config.configuration() == configuration)
  }

  @Test func changingTheAlgorithmKeepsWhatIsTheHosts() throws {
    var config = pgrad_agent_config.defaults
    config.struct_size = UInt32(MemoryLayout<pgrad_agent_config>.size)
    config.n_envs = 4
    config.total_timesteps = 99
    config.seed = 5
    config.threads = 2
    config.autoreset_mode = Int32(PGRAD_AUTORESET_NEXT_STEP.rawValue)
    config.gamma = 0.5
    #expect(pgrad_agent_config_algorithm(&config, Int32(PGRAD_A2C.rawValue)) == PGRAD_OK)
    var expected = AgentConfiguration(.a2c)
    expected.environments = 4
    expected.totalTimesteps = 99
    expected.seed = 5
    expected.threads = 2
    expected.autoresetMode = .nextStep
    #expect(try config.configuration() == expected)
    #expect(pgrad_agent_config_algorithm(&config, 9) == PGRAD_INVALID_ARGUMENT)
    #expect(pgrad_agent_config_algorithm(&config, .min) == PGRAD_INVALID_ARGUMENT)
    #expect(try config.configuration() == expected)
  }
}
