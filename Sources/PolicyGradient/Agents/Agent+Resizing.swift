extension Agent {
  /// An agent that continues with another number of environments, at the start of their episodes. It shares the policy,
  /// and has copies of the optimizer's state, moments, schedules and counters. An unfinished update is completed first.
  package func resized(to environments: Int) throws(Refusal) -> Agent {
    guard !ranks.areSeveral else {
      throw Refusal(
        .badState, "the agent learns with other ranks; make it learn alone first, by pgrad_agent_set_reduce")
    }
    try completeUpdate()
    var changed = configuration
    changed.environments = environments
    if configuration.algorithm.usesMinibatches {
      changed.batchSize = greatestCommonDivisor(configuration.batchSize, configuration.steps * environments)
    }
    let agent = try Agent(policy, changed)
    agent.learner.takeState(of: learner)
    if let moments = rewardNormalizer?.moments { agent.rewardNormalizer?.moments.set(to: moments) }
    agent.progress = progress.resized(to: environments)
    agent.lastUpdate = lastUpdate
    return agent
  }
}

extension Learner {
  /// Copies all that past updates have left in another learner of the same policy and optimizer.
  fileprivate func takeState(of other: Learner) {
    for (mine, its) in zip(optimizer.rule.state, other.optimizer.rule.state) {
      mine.values.pointer.update(from: its.values.pointer, count: mine.values.count)
    }
    optimizer.steps = other.optimizer.steps
    (control, host) = (other.control, other.host)
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
