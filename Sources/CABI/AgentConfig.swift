import CPGrad
import PolicyGradient

extension pgrad_agent_config {
  static var defaults: pgrad_agent_config {
    var config = pgrad_agent_config()
    config.set(AgentConfiguration(.ppo))
    return config
  }

  /// Takes up every field of the engine's configuration.
  mutating func set(_ configuration: AgentConfiguration) {
    algorithm = configuration.kind.rawValue
    n_envs = Int64(configuration.environments)
    n_steps = Int64(configuration.steps)
    n_episodes = Int64(configuration.episodes)
    group_size = Int64(configuration.groupSize)
    sde_sample_freq = Int64(configuration.explorationSteps)
    batch_size = Int64(configuration.batchSize)
    n_epochs = Int64(configuration.epochs)
    total_timesteps = configuration.totalTimesteps
    seed = configuration.seed
    learning_rate = configuration.learningRate
    gamma = configuration.gamma
    gae_lambda = configuration.gaeLambda
    clip_range = configuration.clipRange
    clip_range_value = configuration.clipRangeValue
    entropy_coefficient = configuration.entropyCoefficient
    value_coefficient = configuration.valueCoefficient
    max_grad_norm = configuration.maxGradNorm
    target_kl = configuration.targetKL
    desired_kl = configuration.desiredKL
    kl_coefficient = configuration.klCoefficient
    rho_clip = configuration.rhoClip
    c_clip = configuration.cClip
    cg_damping = configuration.cgDamping
    line_search_shrinking_factor = configuration.lineSearchShrinkingFactor
    optimizer_epsilon = configuration.optimizerEpsilon
    observation_clip = configuration.observationClip
    reward_clip = configuration.rewardClip
    optimizer = configuration.optimizer.rawValue
    estimator = configuration.estimator.rawValue
    baseline = configuration.hasBaseline ? 1 : 0
    discount_scores = configuration.discountsScores ? 1 : 0
    normalize_advantage = configuration.advantageNormalization.rawValue
    normalize_observations = configuration.normalizesObservations ? 1 : 0
    normalize_rewards = configuration.normalizesRewards ? 1 : 0
    learning_rate_schedule = configuration.learningRateSchedule.rawValue
    clip_range_schedule = configuration.clipRangeSchedule.rawValue
    entropy_coefficient_schedule = configuration.entropySchedule.rawValue
    surrogate = configuration.surrogate.rawValue
    recompute_advantages = configuration.recomputesAdvantages ? 1 : 0
    cg_max_steps = Int32(configuration.cgMaxSteps)
    line_search_max_iter = Int32(configuration.lineSearchMaxIterations)
    autoreset_mode = configuration.autoresetMode.rawValue
    threads = Int32(configuration.threads)
  }

  /// What the engine takes, checked as far as C allows more than the engine's types do.
  func configuration() throws(Refusal) -> AgentConfiguration {
    var result = AgentConfiguration(try knownCase(algorithm, "algorithm", "a pgrad_algorithm, 1 to 6"))
    result.environments = try wholeNumber(n_envs, "n_envs")
    result.steps = try wholeNumber(n_steps, "n_steps")
    result.episodes = try wholeNumber(n_episodes, "n_episodes")
    result.groupSize = try wholeNumber(group_size, "group_size")
    result.explorationSteps = try wholeNumber(sde_sample_freq, "sde_sample_freq")
    result.batchSize = try wholeNumber(batch_size, "batch_size")
    result.epochs = try wholeNumber(n_epochs, "n_epochs")
    result.totalTimesteps = total_timesteps
    result.seed = seed
    result.learningRate = learning_rate
    result.gamma = gamma
    result.gaeLambda = gae_lambda
    result.clipRange = clip_range
    result.clipRangeValue = clip_range_value
    result.entropyCoefficient = entropy_coefficient
    result.valueCoefficient = value_coefficient
    result.maxGradNorm = max_grad_norm
    result.targetKL = target_kl
    result.desiredKL = desired_kl
    result.klCoefficient = kl_coefficient
    result.rhoClip = rho_clip
    result.cClip = c_clip
    result.cgDamping = cg_damping
    result.lineSearchShrinkingFactor = line_search_shrinking_factor
    result.optimizerEpsilon = optimizer_epsilon
    result.observationClip = observation_clip
    result.rewardClip = reward_clip
    result.optimizer = try knownCase(optimizer, "optimizer", "a pgrad_optimizer_kind, 1 to 3")
    result.estimator = try knownCase(estimator, "estimator", "a pgrad_estimator, 1 to 7")
    result.hasBaseline = try flag(baseline, "baseline")
    result.discountsScores = try flag(discount_scores, "discount_scores")
    result.advantageNormalization = try knownCase(
      normalize_advantage, "normalize_advantage", "a pgrad_advantage_normalization, 0 to 2")
    result.normalizesObservations = try flag(normalize_observations, "normalize_observations")
    result.normalizesRewards = try flag(normalize_rewards, "normalize_rewards")
    result.learningRateSchedule = try knownCase(
      learning_rate_schedule, "learning_rate_schedule", "a pgrad_schedule, 1 to 4")
    result.clipRangeSchedule = try knownCase(clip_range_schedule, "clip_range_schedule", "a pgrad_schedule, 1 to 3")
    result.entropySchedule = try knownCase(
      entropy_coefficient_schedule, "entropy_coefficient_schedule", "a pgrad_schedule, 1 to 3")
    result.surrogate = try knownCase(surrogate, "surrogate", "a pgrad_surrogate, 1 or 2")
    result.recomputesAdvantages = try flag(recompute_advantages, "recompute_advantages")
    result.cgMaxSteps = Int(cg_max_steps)
    result.lineSearchMaxIterations = Int(line_search_max_iter)
    result.autoresetMode = try knownCase(autoreset_mode, "autoreset_mode", "a pgrad_autoreset_mode, 1 or 2")
    result.threads = Int(threads)
    return result
  }
}
