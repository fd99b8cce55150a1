extension Rollout {
  /// An empty rollout of an agent, with room for so many steps.
  convenience init(_ policy: Policy, _ configuration: AgentConfiguration, steps: Int) throws(Refusal) {
    try self.init(
      steps: steps, environments: configuration.environments, packing: policy.shape.packing,
      actionSize: policy.actionSize, flags: policy.maskSize, stateSize: policy.stateSize,
      sequenceLength: configuration.sequenceLength, keepsFinalObservations: configuration.recomputesAdvantages)
  }
}
