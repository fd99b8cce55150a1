/// How an agent learns. The C header states what each number means, and its default.
package struct AgentConfiguration: Equatable, Sendable {
  package enum AutoresetMode: Int32, Sendable {
    case sameStep = 1
    case nextStep
  }

  package enum AdvantageNormalization: Int32, Sendable {
    case off = 0
    case minibatch, batch
  }

  package enum Surrogate: Int32, Sendable {
    case clip = 1
    case klPenalty
  }

  package var kind: AlgorithmKind
  package var environments = 1
  package var steps = 2_048
  package var episodes = 8
  package var groupSize = 0
  package var explorationSteps = 0
  package var batchSize = 64
  package var epochs = 10
  /// Groups of neighbouring environments that are shuffled independently.
  package var shuffleGroups = 1
  /// Steps of the sequences that a policy with a memory learns from; 0 for the whole rollout.
  package var sequenceLength = 0
  package var totalTimesteps: Int64 = 0
  package var seed: UInt64 = 0
  package var learningRate = 3e-4
  package var gamma = 0.99
  package var gaeLambda = 0.95
  package var clipRange = 0.2
  package var clipRangeValue = 0.0
  package var valueClip = ValueClip.larger
  package var entropyCoefficient = 0.0
  package var valueCoefficient = 0.5
  package var maxGradNorm = 0.5
  package var targetKL = 0.0
  package var desiredKL = 0.01
  package var klCoefficient = 1.0
  package var rhoClip = 1.0
  package var cClip = 1.0
  package var cgDamping = 0.1
  package var lineSearchShrinkingFactor = 0.8
  package var optimizerEpsilon = 1e-5
  package var weightDecay = 0.01
  package var observationClip = 10.0
  package var rewardClip = 10.0
  package var optimizer = OptimizerConfiguration.Kind.adam
  package var estimator = EstimatorKind.gae
  package var hasBaseline = false
  package var discountsScores = false
  package var advantageNormalization = AdvantageNormalization.minibatch
  package var normalizesObservations = false
  package var normalizesRewards = false
  package var learningRateSchedule = Schedule.constant
  package var clipRangeSchedule = Schedule.constant
  package var entropySchedule = Schedule.constant
  package var surrogate = Surrogate.clip
  package var recomputesAdvantages = false
  package var cgMaxSteps = 15
  package var cgRelativeTolerance = 1e-5
  package var cgAbsoluteTolerance = 0.0
  package var lineSearchMaxIterations = 10
  /// TRPO: whether the line search bounds KL(π‖π_old) instead of KL(π_old‖π).
  package var reversesDivergence = false
  package var autoresetMode = AutoresetMode.sameStep
  package var threads = 1
  package var updateMode = UpdateMode.atOnce
  /// How many episodes the means of statistics are over.
  package var statisticsWindow = 100
  /// NPG and TRPO: a step of the policy uses one in so many sequences of a rollout.
  package var subSamplingFactor = 1

  /// The options of the agent's optimizer.
  var optimizerConfiguration: OptimizerConfiguration {
    var configuration = OptimizerConfiguration()
    configuration.kind = optimizer
    configuration.learningRate = learningRate
    configuration.epsilon = optimizerEpsilon
    configuration.maxGradNorm = maxGradNorm
    configuration.weightDecay = weightDecay
    return configuration
  }
}

extension AgentConfiguration: OptionTable {
  package static let options: [Option<AgentConfiguration, Policy>] = [
    Option("algorithm", \.kind),
    Option("n_envs", \.environments, .within(1...Limits.environments)),
    // Also checks the next four, whose ranges depend on each other.
    Option("n_steps", \.steps, requires: AgentConfiguration.checkRollout),
    Option("n_episodes", \.episodes),
    Option("group_size", \.groupSize),
    Option("batch_size", \.batchSize),
    Option("n_epochs", \.epochs),
    Option(
      "sde_sample_freq", \.explorationSteps, .within(0...Limits.rows), requires: AgentConfiguration.checkExploration),
    Option("total_timesteps", \.totalTimesteps, .within(0...Int64.max)),
    Option("seed", \.seed),
    Option("learning_rate", \.learningRate, .positive),
    Option("gamma", \.gamma, .within(0...1)),
    Option("gae_lambda", \.gaeLambda, .within(0...1)),
    Option("clip_range", \.clipRange, .positive),
    Option("clip_range_value", \.clipRangeValue, .nonNegative),
    Option("value_clip", \.valueClip, since: 2),
    Option("entropy_coefficient", \.entropyCoefficient, .nonNegative),
    Option("value_coefficient", \.valueCoefficient, .nonNegative),
    Option("max_grad_norm", \.maxGradNorm, .nonNegative),
    Option("target_kl", \.targetKL, .nonNegative, requires: AgentConfiguration.checkAlgorithm),
    Option("cg_max_steps", \.cgMaxSteps, .within(1...1_000_000)),
    Option("cg_damping", \.cgDamping, .nonNegative),
    Option("line_search_max_iter", \.lineSearchMaxIterations, .within(1...1_000_000)),
    Option("line_search_shrinking_factor", \.lineSearchShrinkingFactor, .fraction),
    Option("desired_kl", \.desiredKL, .positive),
    Option("kl_coefficient", \.klCoefficient, .positive),
    Option("rho_clip", \.rhoClip, .positive),
    Option("c_clip", \.cClip, .positive),
    Option("clip_range_schedule", \.clipRangeSchedule, .byTime),
    Option("entropy_coefficient_schedule", \.entropySchedule, .byTime),
    Option("learning_rate_schedule", \.learningRateSchedule, requires: AgentConfiguration.checkLearningRateSchedule),
    Option("recompute_advantages", \.recomputesAdvantages, requires: AgentConfiguration.checkRecomputation),
    Option("optimizer_epsilon", \.optimizerEpsilon, .positiveAsFloat),
    Option("weight_decay", \.weightDecay, .nonNegative, since: 2),
    Option("observation_clip", \.observationClip, .finiteAsFloat),
    Option("reward_clip", \.rewardClip, .finiteAsFloat),
    Option("threads", \.threads, .within(0...Limits.threads)),
    Option("estimator", \.estimator, requires: AgentConfiguration.checkValues),
    Option("baseline", \.hasBaseline),
    Option("discount_scores", \.discountsScores),
    Option("normalize_advantage", \.advantageNormalization),
    Option("normalize_observations", \.normalizesObservations),
    Option("normalize_rewards", \.normalizesRewards),
    Option("optimizer", \.optimizer),
    Option("surrogate", \.surrogate),
    Option("autoreset_mode", \.autoresetMode),
    Option(
      "sequence_length", \.sequenceLength, .within(0...Limits.rows), since: 2,
      requires: AgentConfiguration.checkSequences),
    Option("shuffle_groups", \.shuffleGroups, since: 2, requires: AgentConfiguration.checkShuffleGroups),
    Option("update_mode", \.updateMode, since: 3),
    Option("stats_window_size", \.statisticsWindow, .within(1...EpisodeRecord.largestWindow), since: 3),
    Option("sub_sampling_factor", \.subSamplingFactor, .within(1...Limits.rows), since: 3),
    Option("cg_rtol", \.cgRelativeTolerance, .nonNegative, since: 3),
    Option("cg_atol", \.cgAbsoluteTolerance, .nonNegative, since: 3),
    Option("reverse_kl", \.reversesDivergence, since: 3),
  ]
}
