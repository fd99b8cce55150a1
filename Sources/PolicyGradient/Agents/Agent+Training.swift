extension Agent {
  /// Acts, steps, observes and learns for at least `timesteps` further steps. The last of them completes a rollout,
  /// which is learned from. Updates are completed before the next step.
  ///
  /// - Parameters:
  ///   - environment: Reset with the agent's seed if it was never reset. The agent continues from its last observations
  ///     if only it has moved the environment since. Otherwise it restarts, and resets the environment unless that was
  ///     just done. An estimator that compares trajectories resets the environment before every rollout, so that all
  ///     trajectories of a group begin in one state.
  ///   - progress: Called after every update; returns `false` to stop.
  package func train(
    in environment: any VectorEnvironment, timesteps wanted: Int64, progress report: (Statistics) -> Bool
  ) throws(Refusal) {
    try check(environment)
    try require(wanted, in: 1...Int64.max / 2, "total_timesteps")
    let goal = timesteps + wanted
    try train(in: environment, to: goal) { hasLearned in !hasLearned || (report(statistics) && timesteps < goal) }
  }

  /// Trains as ``train(in:timesteps:progress:)`` does, up to the next update, or until the time is over. The next call
  /// continues the unfinished rollout.
  ///
  /// - Parameters:
  ///   - goal: The timestep at which the training ends, for schedules.
  ///   - seconds: At least one step is taken.
  /// - Returns: Whether the agent has learned.
  package func train(
    in environment: any VectorEnvironment, goal: Int64, seconds: Double
  ) throws(Refusal) -> Bool {
    try check(environment)
    try require(goal, in: 1...Int64.max / 2, "goal")
    var deadline = Deadline(after: seconds)
    let updates = progress.updates
    try train(in: environment, to: goal) { hasLearned in !hasLearned && !deadline.isOver() }
    return progress.updates > updates
  }

  /// - Parameters:
  ///   - goal: Where schedules end unless the configuration says.
  ///   - goesOn: Called after each step with whether the agent has learned; returns `false` to stop.
  private func train(
    in environment: any VectorEnvironment, to goal: Int64, while goesOn: (_ hasLearned: Bool) -> Bool
  ) throws(Refusal) {
    guard gathered == nil else {
      throw Refusal(.badState, "the agent gathers rollouts without learning; call set_gathering with n_steps = 0 first")
    }
    try completeUpdate()
    environment.use.firstNumber = firstEnvironment
    environment.use.step = progress.draws
    let (count, width) = (environment.count, environment.observationSize)
    let actions = try Buffer<Float>(count: count * policy.actionSize)
    let rewards = try Buffer<Float>(count: count)
    let flags = try Buffer<UInt8>(count: 2 * count)
    let next = try Buffer<Float>(count: count * width)
    let final = try Buffer<Float>(count: count * width)
    let outputs = StepOutputs(
      rewards: rewards.pointer, terminated: flags.pointer, truncated: flags.pointer + count,
      nextObservations: next.pointer, finalObservations: final.pointer)
    // An unfinished rollout continues, also one of groups.
    let isWithinRollout = (phase == .observing || rollout.steps > 0) && canContinue(in: environment)
    if !isWithinRollout, try mustRestart(in: environment), let first = try startEpisodes(in: environment) {
      try hasBegun ? restart(from: first) : begin(first)
    }
    let scheduleEnd = progress.scheduleEnd
    defer { progress.scheduleEnd = scheduleEnd }
    progress.scheduleEnd = configuration.totalTimesteps > 0 ? configuration.totalTimesteps : goal
    while true {
      if phase == .observing {
        try copyPendingActions(into: actions.pointer)
      } else {
        if let masks = environment.masks { try setMasks(masks) }
        try act(actions.pointer)
      }
      do throws(Refusal) {
        try environment.step(actions.pointer, into: outputs)
      } catch {
        discardAction()
        throw error
      }
      let hasLearned = try observe(
        rewards: outputs.rewards, terminated: outputs.terminated, truncated: outputs.truncated,
        nextObservations: outputs.nextObservations, finalObservations: outputs.finalObservations)
      if hasLearned { try completeUpdate() }
      guard goesOn(hasLearned) else { return }
      if hasLearned, try mustRestart(in: environment), let first = try startEpisodes(in: environment) {
        try restart(from: first)
      }
    }
  }

  private func mustRestart(in environment: any VectorEnvironment) throws(Refusal) -> Bool {
    try resetGroups(environment) || !canContinue(in: environment)
  }

  /// If the estimator compares trajectories, resets every environment, each group to one state.
  /// - Returns: Whether it did.
  private func resetGroups(_ environment: any VectorEnvironment) throws(Refusal) -> Bool {
    guard let size = learner.estimator.comparedEnvironments else { return false }
    try environment.reset(seed: configuration.seed &+ UInt64(bitPattern: progress.updates), groupSize: size)
    environment.use.wasReset()
    return true
  }

  /// Refuses an environment that does not fit.
  func check(_ environment: any VectorEnvironment) throws(Refusal) {
    try require(
      environment.count == configuration.environments, "env.n_envs", "\(environment.count)",
      "be the agent's n_envs, \(configuration.environments)")
    try require(
      environment.observationSize == policy.observationSize, "env.observation_size", "\(environment.observationSize)",
      "be the policy's, \(policy.observationSize)")
    let (mine, its) = (policy.configuration.parts, environment.parts)
    try require(
      mine.fits(its), "the env's action space", its.summary, "be the policy's, \(mine.summary)")
    try require(
      configuration.autoresetMode == .sameStep, "autoreset_mode", "\(configuration.autoresetMode.rawValue)",
      "be PGRAD_AUTORESET_SAME_STEP to train in a pgrad_env")
  }

  /// Whether the agent may act on its last observations: they are the environment's current ones, and only this agent
  /// has moved it. An agent from a file has moved none yet; then the observations alone decide.
  private func canContinue(in environment: any VectorEnvironment) -> Bool {
    guard environment.use.agent === self || !hasTrained, hasBegun, let current = environment.observations
    else { return false }
    let count = environment.count * environment.observationSize
    guard (0..<count).allSatisfy({ rawObservations.pointer[$0] == current[$0] }) else { return false }
    claim(environment)
    return true
  }

  /// Resets the environment unless it is at the start of its episodes.
  /// - Returns: Its observations.
  private func startEpisodes(in environment: any VectorEnvironment) throws(Refusal) -> UnsafePointer<Float>? {
    if environment.observations == nil {
      try environment.reset(seed: configuration.seed)
    } else if !environment.use.isAtStart {
      // The seed of the first reset would repeat the same episodes.
      try environment.reset(seed: configuration.seed &+ UInt64(bitPattern: timesteps))
    }
    claim(environment)
    return environment.observations
  }

  private func claim(_ environment: any VectorEnvironment) {
    environment.use.setAgent(self)
    hasTrained = true
  }
}
