import PolicyGradient

/// Everything about a tabular MDP except its tables.
package struct MDPOutline: Equatable, Sendable {
  package static let maximumStates = 4_096
  package static let maximumHorizon = 65_536
  /// The most numbers in one table; also the limit of horizon × states × actions.
  package static let maximumElements = 67_108_864

  package var states: Int
  package var actions: Int
  /// Discount γ, 0 to 1. With an infinite horizon, γ must be below 1 or episodes must reach terminal states.
  package var gamma: Double
  /// Steps after which an episode ends; 0 for never.
  package var horizon = 0
  /// Whether rewards are r(s, a, s'); otherwise they are r(s, a).
  package var rewardsDependOnNextState = false
  /// Length of an observation, if a table of features is given.
  package var observationSize = 0
  /// Discrete parts whose numbers of choices multiply to the number of actions; `nil` for one categorical part.
  package var parts: [ActionPart]?

  package init(states: Int, actions: Int, gamma: Double) {
    self.states = states
    self.actions = actions
    self.gamma = gamma
  }

  /// Refuses invalid sizes and numbers, before any table is read.
  package func validate() throws(Refusal) {
    try require(states, in: 1...Self.maximumStates, "state_count")
    try require(actions, in: 2...Limits.size, "action_count")
    try require(gamma, in: 0...1, "gamma")
    try require(horizon, in: 0...Self.maximumHorizon, "horizon")
    try require(observationSize, in: 0...Limits.size, "observation_size")
    let table = states * actions * states
    try require(
      table <= Self.maximumElements, "state_count × action_count × state_count", "\(table)",
      "be at most \(Self.maximumElements)")
    let features = states * observationSize
    try require(
      features <= Self.maximumElements, "state_count × observation_size", "\(features)",
      "be at most \(Self.maximumElements)")
    let layered = max(horizon, 1) * states * actions
    try require(
      layered <= Self.maximumElements, "horizon × state_count × action_count", "\(layered)",
      "be at most \(Self.maximumElements)")
  }
}
