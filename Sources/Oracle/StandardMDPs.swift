import PolicyGradient

/// The standard MDPs.
package enum StandardMDP: String, CaseIterable, Sendable {
  case bandit, chain, cliff

  /// Makes the MDP.
  ///
  /// - Parameters:
  ///   - gamma: Discount γ, 0 to 1.
  ///   - horizon: Steps after which an episode ends; 0 for never.
  package func make(gamma: Double, horizon: Int) throws(Refusal) -> TabularMDP {
    switch self {
    case .bandit: try makeBandit(gamma, horizon)
    case .chain: try makeChain(gamma, horizon)
    case .cliff: try makeCliff(gamma, horizon)
    }
  }
}

/// Three arms that give a reward of 1 with probability 0.2, 0.5 and 0.8. One step leads from state 0 to the terminal
/// states 1 (lost) or 2 (won).
private func makeBandit(_ gamma: Double, _ horizon: Int) throws(Refusal) -> TabularMDP {
  var outline = MDPOutline(states: 3, actions: 3, gamma: gamma)
  outline.horizon = horizon
  outline.rewardsDependOnNextState = true
  var transitions = [Double](repeating: 0, count: 27)
  var rewards = transitions
  for (arm, chance) in [0.2, 0.5, 0.8].enumerated() {
    transitions[3 * arm + 1] = 1 - chance
    transitions[3 * arm + 2] = chance
    rewards[3 * arm + 2] = 1
  }
  return try TabularMDP(outline, transitions: transitions, rewards: rewards, initial: [1, 0, 0], terminal: [0, 1, 1])
}

/// Two states and two actions: stay, or go to the other state, which fails with probability 0.1. Staying in state 1
/// gives a reward of 1; going gives -0.1. Episodes begin in state 0.
private func makeChain(_ gamma: Double, _ horizon: Int) throws(Refusal) -> TabularMDP {
  var outline = MDPOutline(states: 2, actions: 2, gamma: gamma)
  outline.horizon = horizon
  return try TabularMDP(
    outline, transitions: [1, 0, 0.1, 0.9, 0, 1, 0.9, 0.1], rewards: [0, -0.1, 1, -0.1], initial: [1, 0])
}

/// A grid of 4 rows and 12 columns, numbered by rows from the upper left. Actions are up, right, down and left.
/// Episodes begin in the lower left corner; the lower right corner is terminal. The reward of a step is -1. A step into
/// the cliff between the two corners gives -100 and leads back to the start.
/// - Source: Sutton & Barto, "Reinforcement learning: an introduction" (2018), example 6.6.
private func makeCliff(_ gamma: Double, _ horizon: Int) throws(Refusal) -> TabularMDP {
  let (rows, columns) = (4, 12)
  let (start, goal) = (36, 47)
  var outline = MDPOutline(states: rows * columns, actions: 4, gamma: gamma)
  outline.horizon = horizon
  var transitions = [Double](repeating: 0, count: 48 * 4 * 48)
  var rewards = [Double](repeating: -1, count: 48 * 4)
  var initial = [Double](repeating: 0, count: 48)
  var terminal = [UInt8](repeating: 0, count: 48)
  initial[start] = 1
  terminal[goal] = 1
  for state in 0..<48 {
    for (action, move) in [(-1, 0), (0, 1), (1, 0), (0, -1)].enumerated() {
      let row = min(max(state / columns + move.0, 0), rows - 1)
      let column = min(max(state % columns + move.1, 0), columns - 1)
      var next = row * columns + column
      if next > start && next < goal {
        next = start
        rewards[4 * state + action] = -100
      }
      transitions[(4 * state + action) * 48 + next] = 1
    }
  }
  return try TabularMDP(outline, transitions: transitions, rewards: rewards, initial: initial, terminal: terminal)
}

/// A random MDP. Each action in each state leads to `branching` states, drawn without replacement, with probabilities
/// that split [0, 1] at uniform points. Its reward is uniform on [0, 1). The first state is uniform over all states.
/// - Source: Archibald, McKinnon & Thomas, "On the generation of Markov decision processes" (1995); Bhatnagar, Sutton,
///   Ghavamzadeh & Lee, "Natural actor-critic algorithms" (2009).
package func makeGarnet(
  states: Int, actions: Int, branching: Int, seed: UInt64, gamma: Double, horizon: Int
) throws(Refusal) -> TabularMDP {
  var outline = MDPOutline(states: states, actions: actions, gamma: gamma)
  outline.horizon = horizon
  try outline.validate()
  try require(branching, in: 1...states, "branching")
  let transitions = try Buffer<Double>(count: states * actions * states)
  var rewards = [Double](repeating: 0, count: states * actions)
  var draws = [Float](repeating: 0, count: 2 * branching)
  for pair in rewards.indices {
    KernelSet.best.uniformDraws(
      seed, RandomStream.garnet.rawValue, UInt64(pair), 0, 1, draws.count, &draws)
    rewards[pair] = Double(draws[0])
    let cuts = [0] + draws[1..<branching].sorted().map { Double($0) } + [1]
    var free = Array(0..<states)
    for branch in 0..<branching {
      // The first steps of a Fisher-Yates shuffle.
      let place = min(branch + Int(Double(draws[branching + branch]) * Double(states - branch)), states - 1)
      free.swapAt(branch, place)
      transitions.pointer[pair * states + free[branch]] = cuts[branch + 1] - cuts[branch]
    }
  }
  return try TabularMDP(
    outline, transitions: transitions.pointer, rewards: rewards,
    initial: [Double](repeating: 1 / Double(states), count: states))
}
