import CPGrad
import PolicyGradient

extension pgrad_agent_config: OptionStructure {
  static let fields: [OptionField<pgrad_agent_config, AgentConfiguration>] = [
    .choice(\.algorithm, \.kind, "a pgrad_algorithm, 1 to \(AlgorithmKind.allCases.count)"),
    .count(\.n_envs, \.environments),
    .count(\.n_steps, \.steps),
    .count(\.n_episodes, \.episodes),
    .count(\.group_size, \.groupSize),
    .count(\.sde_sample_freq, \.explorationSteps),
    .count(\.batch_size, \.batchSize),
    .count(\.n_epochs, \.epochs),
    .number(\.total_timesteps, \.totalTimesteps),
    .number(\.seed, \.seed),
    .number(\.learning_rate, \.learningRate),
    .number(\.gamma, \.gamma),
    .number(\.gae_lambda, \.gaeLambda),
    .number(\.clip_range, \.clipRange),
    .number(\.clip_range_value, \.clipRangeValue),
    .number(\.entropy_coefficient, \.entropyCoefficient),
    .number(\.value_coefficient, \.valueCoefficient),
    .number(\.max_grad_norm, \.maxGradNorm),
    .number(\.target_kl, \.targetKL),
    .number(\.desired_kl, \.desiredKL),
    .number(\.kl_coefficient, \.klCoefficient),
    .number(\.rho_clip, \.rhoClip),
    .number(\.c_clip, \.cClip),
    .number(\.cg_damping, \.cgDamping),
    .number(\.line_search_shrinking_factor, \.lineSearchShrinkingFactor),
    .number(\.optimizer_epsilon, \.optimizerEpsilon),
    .number(\.observation_clip, \.observationClip),
    .number(\.reward_clip, \.rewardClip),
    .choice(\.optimizer, \.optimizer, "a pgrad_optimizer_kind, 1 to 5"),
    .choice(\.estimator, \.estimator, "a pgrad_estimator, 1 to \(EstimatorKind.allCases.count)"),
    .flag(\.baseline, \.hasBaseline),
    .flag(\.discount_scores, \.discountsScores),
    .choice(\.normalize_advantage, \.advantageNormalization, "a pgrad_advantage_normalization, 0 to 2"),
    .flag(\.normalize_observations, \.normalizesObservations),
    .flag(\.normalize_rewards, \.normalizesRewards),
    .choice(\.learning_rate_schedule, \.learningRateSchedule, "a pgrad_schedule, 1 to 4"),
    .choice(\.clip_range_schedule, \.clipRangeSchedule, "a pgrad_schedule, 1 to 3"),
    .choice(\.entropy_coefficient_schedule, \.entropySchedule, "a pgrad_schedule, 1 to 3"),
    .choice(\.surrogate, \.surrogate, "a pgrad_surrogate, 1 or 2"),
    .flag(\.recompute_advantages, \.recomputesAdvantages),
    .count(\.cg_max_steps, \.cgMaxSteps),
    .count(\.line_search_max_iter, \.lineSearchMaxIterations),
    .choice(\.autoreset_mode, \.autoresetMode, "a pgrad_autoreset_mode, 1 or 2"),
    .count(\.threads, \.threads),
    .number(\.weight_decay, \.weightDecay),
    .count(\.sequence_length, \.sequenceLength),
    .choice(\.value_clip, \.valueClip, "a pgrad_value_clip, 1 or 2"),
    .count(\.shuffle_groups, \.shuffleGroups),
    .choice(\.update_mode, \.updateMode, "a pgrad_update_mode, 1 to 3"),
    .count(\.stats_window_size, \.statisticsWindow),
    .count(\.sub_sampling_factor, \.subSamplingFactor),
    .number(\.cg_rtol, \.cgRelativeTolerance),
    .number(\.cg_atol, \.cgAbsoluteTolerance),
    .flag(\.reverse_kl, \.reversesDivergence),
  ]

  static let defaults: pgrad_agent_config = {
    var config = pgrad_agent_config()
    config.set(AgentConfiguration(.ppo))
    return config
  }()

  /// The engine's configuration. Refuses values that the engine's types cannot hold.
  func configuration() throws(Refusal) -> AgentConfiguration {
    var result = AgentConfiguration(.ppo)
    try read(into: &result)
    try require(reserved, in: 0...0, "reserved")
    try require(reserved_2, in: 0...0, "reserved_2")
    return result
  }
}
