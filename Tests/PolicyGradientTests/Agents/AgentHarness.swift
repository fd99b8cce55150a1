@testable import PolicyGradient

/// An agent spoken to in arrays.
struct AgentHarness {
  let agent: Agent

  init(_ policy: Policy, _ configuration: AgentConfiguration) throws {
    agent = try Agent(policy, configuration)
  }

  init(_ agent: Agent) { self.agent = agent }

  func begin(_ observations: [Float]) throws { try agent.begin(observations) }

  @discardableResult
  func act() throws -> [Float] {
    let actions = try Buffer<Float>(count: agent.configuration.environments * agent.policy.actionSize)
    try agent.act(actions.pointer)
    return actions.array
  }

  /// Flags that are left out are 0.
  @discardableResult
  func observe(
    rewards: [Float], terminated: [UInt8]? = nil, truncated: [UInt8]? = nil, next: [Float], final: [Float]? = nil
  ) throws -> Bool {
    let none = [UInt8](repeating: 0, count: rewards.count)
    let final = try final.map { try Buffer($0) }
    return try agent.observe(
      rewards: rewards, terminated: terminated ?? none, truncated: truncated ?? none, nextObservations: next,
      finalObservations: final?.pointer)
  }

  var parameters: [Float] { agent.policy.parameters.array }
  var parameterBits: [UInt32] { parameters.map(\.bitPattern) }
}

/// An agent whose step is the gradient itself: plain SGD of learning rate 1, so that θ' - θ is what it climbed.
func gradientConfiguration(_ algorithm: AlgorithmKind) -> AgentConfiguration {
  var configuration = AgentConfiguration(algorithm)
  configuration.optimizer = .sgd
  configuration.learningRate = 1
  configuration.maxGradNorm = 0
  configuration.epochs = 1
  return configuration
}
