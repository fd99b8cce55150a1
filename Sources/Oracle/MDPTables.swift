import PolicyGradient

/// Checks and copies the tables of an MDP.
struct MDPTables {
  /// How far the sum of a row of probabilities may be from 1. The row is then divided by its sum.
  static let sumTolerance = 1e-6

  let outline: MDPOutline
  let isTerminal: [Bool]
  /// Whether rows of probabilities were already divided by their sums.
  let areNormalized: Bool

  init(_ outline: MDPOutline, isTerminal: [Bool], areNormalized: Bool = false) {
    self.outline = outline
    self.isTerminal = isTerminal
    self.areNormalized = areNormalized
  }

  func initial(_ given: UnsafePointer<Double>) throws(Refusal) -> [Double] {
    let divisor = try divisor(given, "initial") { "initial[\($0)]" }
    for state in 0..<outline.states where isTerminal[state] && given[state] > 0 {
      throw Refusal(
        .invalidArgument, "initial[\(state)] is \(given[state]); it must be 0, since the state is terminal")
    }
    return (0..<outline.states).map { given[$0] / divisor }
  }

  func transitions(_ given: UnsafePointer<Double>) throws(Refusal) -> Buffer<Double> {
    let (states, actions) = (outline.states, outline.actions)
    let table = try Buffer<Double>(count: states * actions * states)
    for state in 0..<states where !isTerminal[state] {
      for action in 0..<actions {
        let first = (state * actions + action) * states
        let divisor = try divisor(given + first, "transitions[\(state), \(action)]") {
          "transitions[\(state), \(action), \($0)]"
        }
        for next in 0..<states { table.pointer[first + next] = given[first + next] / divisor }
      }
    }
    return table
  }

  func rewards(_ given: UnsafePointer<Double>) throws(Refusal) -> Buffer<Double> {
    let row = outline.rewardsDependOnNextState ? outline.actions * outline.states : outline.actions
    let table = try Buffer<Double>(count: outline.states * row)
    for state in 0..<outline.states where !isTerminal[state] {
      for place in 0..<row {
        let reward = given[state * row + place]
        guard reward.magnitude <= MDPTables.largestReward else {
          let name = rewardName(state, place)
          throw Refusal(
            reward.isFinite ? .invalidArgument : .notFinite,
            "\(name) is \(reward); it must lie in [-\(MDPTables.largestReward), \(MDPTables.largestReward)]")
        }
        table.pointer[state * row + place] = reward
      }
    }
    return table
  }

  /// Sums of rewards up to this size stay finite in single precision.
  private static let largestReward = 1e30

  private func rewardName(_ state: Int, _ place: Int) -> String {
    outline.rewardsDependOnNextState
      ? "rewards[\(state), \(place / outline.states), \(place % outline.states)]" : "rewards[\(state), \(place)]"
  }

  /// The number by which a row of probabilities is divided: its sum, which is 1 up to rounding.
  private func divisor(
    _ row: UnsafePointer<Double>, _ name: @autoclosure () -> String, entry: (Int) -> String
  ) throws(Refusal) -> Double {
    var sum = 0.0
    for state in 0..<outline.states {
      guard row[state].isFinite else {
        throw Refusal(.notFinite, "\(entry(state)) is \(row[state]); it must be finite")
      }
      try require(row[state] >= 0, entry(state), "\(row[state])", "be at least 0")
      sum += row[state]
    }
    guard abs(sum - 1) <= MDPTables.sumTolerance else {
      throw Refusal(.invalidArgument, "\(name()) sums to \(sum); it must sum to 1 within \(MDPTables.sumTolerance)")
    }
    return areNormalized ? 1 : sum
  }
}

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
