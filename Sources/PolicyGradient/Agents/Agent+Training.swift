extension Agent {
  /// Acts, steps, observes and learns until at least `timesteps` further steps were taken and the last rollout was
  /// learned from.
  ///
  /// - Parameters:
  ///   - environment: Reset with the agent's seed if it never was. The agent continues from its last observations if
  ///     nobody else has moved the environment since; otherwise it begins, after a reset unless the environment has
  ///     just had one. Where trajectories are compared, the environment is reset before every rollout, so that a
  ///     group's begin in one state.
  ///   - progress: Called after every update; `false` ends the training.
  package func train(
    in environment: any VectorEnvironment, timesteps wanted: Int64, progress report: (Statistics) -> Bool
  ) throws(Refusal) {
    try check(environment)
    try require(wanted, in: 1...Int64.max / 2, "total_timesteps")
    let (count, width) = (environment.count, environment.observationSize)
    let actions = try Buffer<Float>(count: count * policy.actionSize)
    let rewards = try Buffer<Float>(count: count)
    let flags = try Buffer<UInt8>(count: 2 * count)
    let next = try Buffer<Float>(count: count * width)
    let final = try Buffer<Float>(count: count * width)
    let answer = Answer(
      rewards: rewards.pointer, terminated: flags.pointer, truncated: flags.pointer + count,
      nextObservations: next.pointer, finalObservations: final.pointer)
    if try resetGroups(environment) || !isFollowing(environment), let shown = try start(in: environment) {
      try hasBegun ? goOn(from: shown) : begin(shown)
    }
    let target = timesteps + wanted
    let horizon = progress.horizon
    defer { progress.horizon = horizon }
    progress.horizon = configuration.totalTimesteps > 0 ? configuration.totalTimesteps : target
    while true {
      if let masks = environment.masks { try setMasks(masks) }
      try act(actions.pointer)
      do throws(Refusal) {
        try environment.step(actions.pointer, into: answer)
      } catch {
        forgetAction()
        throw error
      }
      let hasLearned = try observe(
        rewards: answer.rewards, terminated: answer.terminated, truncated: answer.truncated,
        nextObservations: answer.nextObservations, finalObservations: answer.finalObservations)
      guard hasLearned else { continue }
      if !report(statistics) || timesteps >= target { return }
      if try resetGroups(environment) || !isFollowing(environment), let shown = try start(in: environment) {
        try goOn(from: shown)
      }
    }
  }

  /// Resets every environment, each group to one state, if trajectories are compared; else returns `false`.
  private func resetGroups(_ environment: any VectorEnvironment) throws(Refusal) -> Bool {
    guard let size = learner.estimator.comparedEnvironments else { return false }
    try environment.reset(seed: configuration.seed &+ UInt64(bitPattern: progress.updates), groupSize: size)
    environment.use.wasReset()
    return true
  }

  private func check(_ environment: any VectorEnvironment) throws(Refusal) {
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

  /// Whether the agent may act on its last observations: the environment shows them still, and nobody else has moved
  /// it. For an agent from a file, which never moved one, the observations decide.
  private func isFollowing(_ environment: any VectorEnvironment) -> Bool {
    guard environment.use.follower === self || !hasTrained, let seen = observations,
      let shown = environment.observations
    else { return false }
    let count = environment.count * environment.observationSize
    guard (0..<count).allSatisfy({ seen[$0] == shown[$0] }) else { return false }
    follow(environment)
    return true
  }

  /// What the environment shows at the start of its episodes, which a reset brings about where it must.
  private func start(in environment: any VectorEnvironment) throws(Refusal) -> UnsafePointer<Float>? {
    if environment.observations == nil {
      try environment.reset(seed: configuration.seed)
    } else if !environment.use.isAtStart {
      // Not the seed of the first reset, which would bring back the same episodes.
      try environment.reset(seed: configuration.seed &+ UInt64(bitPattern: timesteps))
    }
    follow(environment)
    return environment.observations
  }

  private func follow(_ environment: any VectorEnvironment) {
    environment.use.follow(self)
    hasTrained = true
  }
}
