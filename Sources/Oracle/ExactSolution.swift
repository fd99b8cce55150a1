import PolicyGradient

/// The exact values of a policy in an MDP, by dynamic programming with a finite horizon, else by a linear solve.
///
///     V(s) = Σ_a π(a|s) Q(s, a),   Q(s, a) = r(s, a) + γ Σ_s' P(s'|s, a) V(s'),   A = Q - V,   J = Σ_s ρ(s) V(s)
///     d(s) = Σ_t γ^t Pr(s_t = s),   ∇J = Σ_s d(s) Σ_a π(a|s) A(s, a) ∇log π(a|s)
///
/// With a finite horizon, V, Q, A and d depend on the step t, so they have one layer per step.
/// - Source: Sutton, McAllester, Singh & Mansour, "Policy gradient methods for reinforcement learning with function
///   approximation" (2000).
package struct ExactSolution {
  package private(set) var objective = 0.0
  /// layers × states.
  package private(set) var values: [Double]
  /// layers × states × actions.
  package private(set) var actionValues: [Double]
  /// γ^t Pr(s_t = s) of each step t, layers × states; without a horizon d(s), 1 × states. 0 in terminal states.
  package private(set) var visitation: [Double]

  private let mdp: TabularMDP
  private let policy: TabularPolicy

  /// - Throws: `.invalidArgument` if an undiscounted episode may never end under this policy; `.outOfMemory`.
  package init(_ policy: TabularPolicy, in mdp: TabularMDP) throws(Refusal) {
    self.mdp = mdp
    self.policy = policy
    values = Array(repeating: 0, count: mdp.layers * mdp.states)
    actionValues = Array(repeating: 0, count: mdp.layers * mdp.states * mdp.actions)
    visitation = values
    if mdp.outline.horizon > 0 {
      sweepBackward()
      sweepForward()
    } else {
      try solve()
    }
    for state in 0..<mdp.states { objective += mdp.initial[state] * values[state] }
    guard objective.isFinite else {
      throw Refusal(.notFinite, "the objective is \(objective); the rewards are too large")
    }
  }

  /// A = Q - V, layers × states × actions.
  package var advantages: [Double] {
    actionValues.indices.map { actionValues[$0] - values[$0 / mdp.actions] }
  }

  /// Σ_t γ^t Pr(s_t = s), states.
  package var discountedVisitation: [Double] {
    var result = [Double](repeating: 0, count: mdp.states)
    for place in visitation.indices { result[place % mdp.states] += visitation[place] }
    return result
  }

  /// ∇J by the policy gradient theorem, one number per parameter.
  package var gradient: [Double] {
    var weights = [Double](repeating: 0, count: mdp.states * mdp.actions)
    for (place, advantage) in advantages.enumerated() {
      weights[place % weights.count] += visitation[place / mdp.actions] * advantage
    }
    for pair in weights.indices { weights[pair] *= policy.probabilities[pair] }
    return policy.score(weights: weights)
  }

  /// Computes Q and V of one layer from V of the next.
  private mutating func backUp(_ layer: Int, from next: (Int) -> Double) {
    for state in 0..<mdp.states where !mdp.isTerminal[state] {
      var value = 0.0
      for action in 0..<mdp.actions {
        let pair = state * mdp.actions + action
        var future = 0.0
        for place in mdp.successors.first[pair]..<mdp.successors.first[pair + 1] {
          future += mdp.successors.probabilities[place] * next(Int(mdp.successors.states[place]))
        }
        let actionValue = mdp.expectedRewards[pair] + mdp.gamma * future
        actionValues[layer * mdp.states * mdp.actions + pair] = actionValue
        value += policy.probabilities[pair] * actionValue
      }
      values[layer * mdp.states + state] = value
    }
  }

  private mutating func sweepBackward() {
    var next = [Double](repeating: 0, count: mdp.states)
    for layer in (0..<mdp.layers).reversed() {
      backUp(layer) { next[$0] }
      next = Array(values[layer * mdp.states..<(layer + 1) * mdp.states])
    }
  }

  private mutating func sweepForward() {
    visitation.replaceSubrange(0..<mdp.states, with: mdp.initial)
    for layer in 1..<mdp.layers {
      for state in 0..<mdp.states {
        let mass = mdp.gamma * visitation[(layer - 1) * mdp.states + state]
        guard mass > 0 else { continue }
        forEachSuccessor(of: state) { next, probability in
          if !mdp.isTerminal[next] { visitation[layer * mdp.states + next] += mass * probability }
        }
      }
    }
  }

  /// (I - γ P_π) V = r_π, and (I - γ P_π)ᵀ d = ρ.
  private mutating func solve() throws(Refusal) {
    let count = mdp.states
    let matrix = try Buffer<Double>(count: count * count)
    for state in 0..<count {
      matrix.pointer[state * count + state] = 1
      forEachSuccessor(of: state) { next, probability in
        matrix.pointer[state * count + next] -= mdp.gamma * probability
      }
    }
    let system = try LinearSystem(matrix, size: count)
    var rewards = [Double](repeating: 0, count: count)
    for pair in mdp.expectedRewards.indices {
      rewards[pair / mdp.actions] += policy.probabilities[pair] * mdp.expectedRewards[pair]
    }
    let solved = system.solve(rewards)
    backUp(0) { solved[$0] }
    visitation = system.solveTransposed(mdp.initial)
    for state in 0..<count where mdp.isTerminal[state] { visitation[state] = 0 }
  }

  private func forEachSuccessor(of state: Int, _ body: (_ next: Int, _ probability: Double) -> Void) {
    for action in 0..<mdp.actions {
      let pair = state * mdp.actions + action
      for place in mdp.successors.first[pair]..<mdp.successors.first[pair + 1] {
        body(Int(mdp.successors.states[place]), policy.probabilities[pair] * mdp.successors.probabilities[place])
      }
    }
  }
}
