// Rules that relate options of an agent to each other and to the policy; the ranges are in the table.

extension AgentConfiguration {
  /// Checks the options of rollouts, whose ranges depend on each other.
  func checkRollout(for policy: Policy) throws(Refusal) {
    switch algorithm.collection {
    case .trajectories:
      try require(steps, in: 0...Limits.rows / environments, "n_steps")
      try require(
        algorithm.estimators.contains(estimator), "estimator", "\(estimator.rawValue)",
        "not be PGRAD_VTRACE, which corrects for older parameters: whole trajectories come from the current ones")
      try require(episodes, in: 1...Limits.rows / environments, "n_episodes")
      try checkGroups()
    case .steps:
      try require(steps, in: 1...Limits.rows / environments, "n_steps (with n_envs \(environments))")
      try require(
        algorithm.estimators.contains(estimator), "estimator", "\(estimator.rawValue)",
        "be PGRAD_GAE or PGRAD_VTRACE: the others need whole trajectories; PGRAD_GAE with gae_lambda 1 gives returns")
      try require(!hasBaseline, "baseline", "1", "be 0 for algorithms whose estimators already have a baseline")
    }
    if algorithm.usesMinibatches {
      try checkMinibatches(of: steps * environments)
      try require(epochs, in: 1...1_000_000, "n_epochs")
    }
    let numbers = max(1, steps + 1) * environments * max(policy.observationSize, policy.actionSize)
    try require(
      numbers <= Limits.elements, "the size of a rollout", "\(numbers) numbers",
      "be at most \(Limits.elements); lower n_steps or n_envs")
  }

  private func checkGroups() throws(Refusal) {
    guard let size = makeEstimator().comparedEnvironments else {
      return try require(
        groupSize == 0, "group_size", "\(groupSize)", "be 0 unless the estimator compares trajectories of a group")
    }
    try require(
      environments >= 2, "n_envs", "\(environments)", "be at least 2 for an estimator that compares trajectories")
    try require(
      size >= 2 && environments % size == 0, "group_size", "\(size)",
      "be at least 2 and divide n_envs, \(environments), or 0 for one group of all")
    try require(!hasBaseline, "baseline", "1", "be 0 for an estimator whose baseline comes from a group")
  }

  private func checkMinibatches(of rows: Int) throws(Refusal) {
    let name = "batch_size (with n_steps × n_envs = \(rows))"
    try require(batchSize, in: 1...rows, name)
    try require(
      rows % batchSize == 0, name, "\(batchSize)",
      "divide n_steps × n_envs, as \(divisors(of: rows, around: batchSize)) do")
  }

  /// The nearest divisors below and above a number that does not divide `rows`: "64 and 128".
  private func divisors(of rows: Int, around number: Int) -> String {
    let small = (1...Int(Double(rows).squareRoot())).filter { rows % $0 == 0 }
    let all = small + small.map { rows / $0 }
    return "\(all.filter { $0 < number }.max() ?? 1) and \(all.filter { $0 > number }.min() ?? rows)"
  }

  /// Checks the length of sequences, and the size of the hidden states that a rollout keeps.
  func checkSequences(of policy: Policy) throws(Refusal) {
    let length = "\(sequenceLength)"
    guard policy.stateSize > 0 else {
      return try require(sequenceLength == 0, "sequence_length", length, "be 0 for a policy without memory")
    }
    if algorithm.collection == .trajectories {
      try require(
        sequenceLength == 0, "sequence_length", length,
        "be 0 for algorithms that learn from whole trajectories: each is one sequence")
    }
    try require(
      sequenceLength == 0 || (sequenceLength <= steps && steps % sequenceLength == 0), "sequence_length", length,
      "divide n_steps, which is \(steps), or be 0 for the whole rollout")
    let sequences = (sequenceLength > 0 ? steps / sequenceLength : 1) * environments
    try require(
      sequences <= Limits.elements / policy.stateSize, "sequence_length", length,
      "be longer: a rollout of \(sequences) sequences would hold too many states of \(policy.stateSize) numbers")
  }

  func checkShuffleGroups(_: Policy) throws(Refusal) {
    try require(
      shuffleGroups >= 1 && environments % shuffleGroups == 0, "shuffle_groups", "\(shuffleGroups)",
      "be at least 1 and divide n_envs, which is \(environments)")
  }

  func checkExploration(by policy: Policy) throws(Refusal) {
    try require(
      explorationSteps == 0 || policy.configuration.hasStateDependentExploration, "sde_sample_freq",
      "\(explorationSteps)", "be 0 unless the policy has state_dependent_exploration")
  }

  func checkAlgorithm(_: Policy) throws(Refusal) { try algorithm.validate(self) }

  func checkLearningRateSchedule(_: Policy) throws(Refusal) {
    try require(
      algorithm.measuresDivergence || learningRateSchedule != .klAdaptive, "learning_rate_schedule",
      "PGRAD_KL_ADAPTIVE",
      "be PGRAD_CONSTANT, PGRAD_LINEAR or PGRAD_COSINE: only PPO and SPO measure the KL divergence that it needs")
  }

  func checkRecomputation(_: Policy) throws(Refusal) {
    try require(
      algorithm.measuresDivergence || !recomputesAdvantages, "recompute_advantages", "1",
      "be 0: only PPO and SPO use a rollout for several epochs")
  }

  func checkValues(of policy: Policy) throws(Refusal) {
    guard !makeEstimator().needsValues || policy.hasValueFunction else {
      throw Refusal(
        .invalidArgument,
        "\(hasBaseline ? "baseline is 1" : "estimator is PGRAD_GAE or PGRAD_VTRACE"), which needs a value function; create the policy with value_function = 1"
      )
    }
  }
}
