extension AgentConfiguration {
  /// Refuses numbers out of range, and settings that contradict each other or the policy.
  package func validate(for policy: Policy) throws(Refusal) {
    try require(environments, in: 1...Limits.environments, "n_envs")
    try validateRollout(policy)
    try require(explorationSteps, in: 0...Limits.rows, "sde_sample_freq")
    try require(
      explorationSteps == 0 || policy.configuration.hasStateDependentExploration, "sde_sample_freq",
      "\(explorationSteps)", "be 0 unless the policy has state_dependent_exploration")
    try require(totalTimesteps, in: 0...Int64.max, "total_timesteps")
    try requirePositive(learningRate, "learning_rate")
    try require(gamma, in: 0...1, "gamma")
    try require(gaeLambda, in: 0...1, "gae_lambda")
    try requirePositive(clipRange, "clip_range")
    try requireNonNegative(clipRangeValue, "clip_range_value")
    try requireNonNegative(entropyCoefficient, "entropy_coefficient")
    try requireNonNegative(valueCoefficient, "value_coefficient")
    try requireNonNegative(maxGradNorm, "max_grad_norm")
    try requireNonNegative(targetKL, "target_kl")
    try algorithm.validate(self)
    try require(cgMaxSteps, in: 1...1_000_000, "cg_max_steps")
    try requireNonNegative(cgDamping, "cg_damping")
    try require(lineSearchMaxIterations, in: 1...1_000_000, "line_search_max_iter")
    try require(
      lineSearchShrinkingFactor > 0 && lineSearchShrinkingFactor < 1, "line_search_shrinking_factor",
      "\(lineSearchShrinkingFactor)", "lie between 0 and 1")
    try requirePositive(desiredKL, "desired_kl")
    try requirePositive(klCoefficient, "kl_coefficient")
    try requirePositive(rhoClip, "rho_clip")
    try requirePositive(cClip, "c_clip")
    try validateSchedules()
    try requirePositive(optimizerEpsilon, "optimizer_epsilon")
    try require(Float(optimizerEpsilon) > 0, "optimizer_epsilon", "\(optimizerEpsilon)", "be above 0 as a float")
    // As floats, in which both are used.
    for (limit, name) in [(observationClip, "observation_clip"), (rewardClip, "reward_clip")] {
      try require(Float(limit) > 0 && Float(limit).isFinite, name, "\(limit)", "be above 0 and finite as a float")
    }
    try require(threads, in: 0...Limits.threads, "threads")
    guard !makeEstimator().needsValues || policy.hasValueFunction else {
      throw Refusal(
        .invalidArgument,
        "\(hasBaseline ? "baseline is 1" : "estimator is PGRAD_GAE or PGRAD_VTRACE"), which needs a value function; create the policy with value_function = 1"
      )
    }
  }

  private func validateSchedules() throws(Refusal) {
    for (schedule, name) in [(clipRangeSchedule, "clip_range"), (entropySchedule, "entropy_coefficient")] {
      try require(
        schedule != .klAdaptive, "\(name)_schedule", "PGRAD_KL_ADAPTIVE",
        "be another; only a learning rate follows the KL")
    }
    guard !algorithm.measuresDivergence else { return }
    try require(
      learningRateSchedule != .klAdaptive, "learning_rate_schedule", "PGRAD_KL_ADAPTIVE",
      "be PGRAD_CONSTANT, PGRAD_LINEAR or PGRAD_COSINE: only PPO and SPO measure a KL for the rate to follow")
    try require(
      !recomputesAdvantages, "recompute_advantages", "1",
      "be 0: only PPO and SPO go through a rollout in several epochs")
  }

  private func validateGroups() throws(Refusal) {
    guard let size = makeEstimator().comparedEnvironments else {
      return try require(
        groupSize == 0, "group_size", "\(groupSize)", "be 0 unless the estimator compares trajectories of a group")
    }
    try require(
      environments >= 2, "n_envs", "\(environments)", "be at least 2 for an estimator that compares trajectories")
    try require(
      size >= 2 && environments % size == 0, "group_size", "\(size)",
      "be at least 2 and divide n_envs, \(environments), or 0 for one group of all")
    try require(!hasBaseline, "baseline", "1", "be 0 where the estimator's baseline is the group's")
  }

  private func validateMinibatches(of rows: Int) throws(Refusal) {
    let name = "batch_size (with n_steps × n_envs = \(rows))"
    try require(batchSize, in: 1...rows, name)
    try require(
      rows % batchSize == 0, name, "\(batchSize)",
      "divide n_steps × n_envs, as \(divisors(of: rows, around: batchSize)) do")
  }

  /// The largest divisor below a number that is none, and the smallest above: "64 and 128".
  private func divisors(of rows: Int, around number: Int) -> String {
    let small = (1...Int(Double(rows).squareRoot())).filter { rows % $0 == 0 }
    let all = small + small.map { rows / $0 }
    return "\(all.filter { $0 < number }.max() ?? 1) and \(all.filter { $0 > number }.min() ?? rows)"
  }

  private func validateRollout(_ policy: Policy) throws(Refusal) {
    switch algorithm.collection {
    case .trajectories:
      try require(steps, in: 0...Limits.rows / environments, "n_steps")
      try require(
        algorithm.estimators.contains(estimator), "estimator", "\(estimator.rawValue)",
        "be another than PGRAD_VTRACE: whole trajectories are never learned from with older parameters")
      try require(episodes, in: 1...Limits.rows / environments, "n_episodes")
      try validateGroups()
    case .steps:
      try require(steps, in: 1...Limits.rows / environments, "n_steps (with n_envs \(environments))")
      try require(
        algorithm.estimators.contains(estimator), "estimator", "\(estimator.rawValue)",
        "be PGRAD_GAE or PGRAD_VTRACE: rollouts of fixed length cut trajectories; gae_lambda 1 gives returns")
      try require(!hasBaseline, "baseline", "1", "be 0 for algorithms whose estimator has a baseline already")
    }
    if algorithm.usesMinibatches {
      try validateMinibatches(of: steps * environments)
      try require(epochs, in: 1...1_000_000, "n_epochs")
    }
    let numbers = max(1, steps + 1) * environments * max(policy.observationSize, policy.actionSize)
    try require(
      numbers <= Limits.elements, "a rollout", "\(numbers) numbers",
      "hold at most \(Limits.elements); lower n_steps or n_envs")
  }
}
