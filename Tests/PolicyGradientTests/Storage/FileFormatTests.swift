import Foundation
import Testing

@testable import PolicyGradient

/// Files in the words that other versions have written and read.
struct FileFormatTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A policy whose options all differ from their defaults, except those that the others require.
  private func makePolicy() throws -> Policy {
    var configuration = PolicyConfiguration(
      observationSize: 4,
      parts: [ActionPart(.gaussian, size: 2, low: -1, high: 0.1), ActionPart(.categorical, size: 3)])
    configuration.hiddenSizes = [3, 2]
    configuration.activation = .relu
    configuration.seed = .max
    configuration.initialLogStd = -0.7
    configuration.hasStateDependentExploration = true
    configuration.hasExpln = true
    configuration.rescalesActions = true
    configuration.hasLayerNorm = true
    configuration.sharesTrunk = true
    configuration.initialization = .glorotUniform
    return try Policy(configuration)
  }

  /// An agent whose options all differ from their defaults, except `baseline`.
  private func makeAgent() throws -> Agent {
    var configuration = AgentConfiguration(.spo)
    configuration.environments = 3
    configuration.steps = 8
    configuration.episodes = 7
    configuration.groupSize = 2
    configuration.explorationSteps = 5
    configuration.batchSize = 12
    configuration.epochs = 13
    configuration.totalTimesteps = .max
    configuration.seed = .max - 1
    configuration.learningRate = 1e-17
    configuration.gamma = 0.1 + 0.2
    configuration.gaeLambda = 0.23
    configuration.clipRange = 0.24
    configuration.clipRangeValue = 0.25
    configuration.valueClip = .alone
    configuration.entropyCoefficient = 0.26
    configuration.valueCoefficient = 0.27
    configuration.maxGradNorm = 0.28
    configuration.targetKL = 0.29
    configuration.desiredKL = 0.32
    configuration.klCoefficient = 0.33
    configuration.rhoClip = 0.34
    configuration.cClip = 0.35
    configuration.cgDamping = 0.36
    configuration.cgRelativeTolerance = 0.44
    configuration.cgAbsoluteTolerance = 0.45
    configuration.reversesDivergence = true
    configuration.lineSearchShrinkingFactor = 0.37
    configuration.optimizerEpsilon = 0.38
    configuration.weightDecay = 0.43
    configuration.observationClip = 0.39
    configuration.rewardClip = 0.4
    configuration.optimizer = .sgd
    configuration.estimator = .vtrace
    configuration.discountsScores = true
    configuration.advantageNormalization = .batch
    configuration.normalizesObservations = true
    configuration.normalizesRewards = true
    configuration.learningRateSchedule = .klAdaptive
    configuration.clipRangeSchedule = .linear
    configuration.entropySchedule = .cosine
    configuration.surrogate = .klPenalty
    configuration.recomputesAdvantages = true
    configuration.cgMaxSteps = 41
    configuration.lineSearchMaxIterations = 42
    configuration.autoresetMode = .nextStep
    configuration.threads = 2
    configuration.updateMode = .deferred
    configuration.statisticsWindow = 43
    configuration.subSamplingFactor = 3
    return try Agent(makePolicy(), configuration)
  }

  @Test func theTextsOfAFileMatchEarlierVersions() throws {
    let agent = try makeAgent()
    try agent.save(folder.path("agent"))
    let bytes = try contents(folder.path("agent"))
    let length = Int(bytes[0]) + Int(bytes[1]) << 8
    let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    #expect(header.hasPrefix("{\"__metadata__\":{\(earlier.split(separator: "\n").joined(separator: ","))},"))
    let loaded = try Agent.load(folder.path("agent"))
    #expect(loaded.configuration == agent.configuration)
    #expect(loaded.policy.configuration == agent.policy.configuration)
  }

  /// The metadata, in the order of the names.
  private let earlier = """
    "agent.algorithm":"6"
    "agent.autoreset_mode":"2"
    "agent.baseline":"false"
    "agent.batch_size":"12"
    "agent.c_clip":"0.35"
    "agent.cg_atol":"0.45"
    "agent.cg_damping":"0.36"
    "agent.cg_max_steps":"41"
    "agent.cg_rtol":"0.44"
    "agent.clip_range":"0.24"
    "agent.clip_range_schedule":"2"
    "agent.clip_range_value":"0.25"
    "agent.desired_kl":"0.32"
    "agent.discount_scores":"true"
    "agent.draws":"0"
    "agent.entropy_coefficient":"0.26"
    "agent.entropy_coefficient_schedule":"3"
    "agent.episodes":"0"
    "agent.estimator":"4"
    "agent.gae_lambda":"0.23"
    "agent.gamma":"0.30000000000000004"
    "agent.group_size":"2"
    "agent.has_begun":"false"
    "agent.kl_coefficient":"0.33"
    "agent.learning_rate":"1e-17"
    "agent.learning_rate_schedule":"4"
    "agent.line_search_max_iter":"42"
    "agent.line_search_shrinking_factor":"0.37"
    "agent.max_grad_norm":"0.28"
    "agent.n_envs":"3"
    "agent.n_episodes":"7"
    "agent.n_epochs":"13"
    "agent.n_steps":"8"
    "agent.normalize_advantage":"2"
    "agent.normalize_observations":"true"
    "agent.normalize_rewards":"true"
    "agent.observation_clip":"0.39"
    "agent.optimizer":"1"
    "agent.optimizer_epsilon":"0.38"
    "agent.optimizer_steps":"0"
    "agent.penalty":"0.33"
    "agent.rate_factor":"1.0"
    "agent.recompute_advantages":"true"
    "agent.reverse_kl":"true"
    "agent.reward_clip":"0.4"
    "agent.reward_normalizer.count":"0"
    "agent.rho_clip":"0.34"
    "agent.sde_sample_freq":"5"
    "agent.seed":"18446744073709551614"
    "agent.sequence_length":"0"
    "agent.shuffle_groups":"1"
    "agent.stats_window_size":"43"
    "agent.sub_sampling_factor":"3"
    "agent.surrogate":"2"
    "agent.target_kl":"0.29"
    "agent.threads":"2"
    "agent.timesteps":"0"
    "agent.total_timesteps":"9223372036854775807"
    "agent.update_mode":"2"
    "agent.updates":"0"
    "agent.value_clip":"2"
    "agent.value_coefficient":"0.27"
    "agent.weight_decay":"0.43"
    "pgrad.format":"3"
    "policy.activation":"2"
    "policy.bias":"true"
    "policy.draws":"0"
    "policy.encoder":"0"
    "policy.expln":"true"
    "policy.hidden_sizes":"3 2"
    "policy.initial_log_std":"-0.7"
    "policy.initialization":"2"
    "policy.layer_norm":"true"
    "policy.memory":"0"
    "policy.memory_first":"false"
    "policy.memory_layers":"1"
    "policy.memory_size":"128"
    "policy.observation_normalizer.count":"0"
    "policy.observation_normalizer.limit":"0.39"
    "policy.observation_size":"4"
    "policy.parts":"3 2 -1.0 0.1;1 3 -inf inf"
    "policy.rescale_actions":"true"
    "policy.seed":"18446744073709551615"
    "policy.shared_memory":"false"
    "policy.shared_trunk":"true"
    "policy.state_dependent_exploration":"true"
    "policy.state_dependent_std":"false"
    "policy.value_encoder":"false"
    "policy.value_function":"true"
    "policy.value_hidden_sizes":"hidden_sizes"
    "policy.value_memory":"true"
    """
}
