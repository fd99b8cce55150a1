import PolicyGradient

extension TabularMDP {
  /// The number of steps after which sampled trajectories are cut: the horizon, or the first step at which γ^t times
  /// the probability that the episode still runs is below 10⁻⁹.
  func trajectoryLength(under policy: TabularPolicy) throws(Refusal) -> Int {
    if outline.horizon > 0 { return outline.horizon }
    var mass = initial
    for length in 1...MDPOutline.maximumHorizon {
      var next = [Double](repeating: 0, count: states)
      for state in 0..<states where mass[state] > 0 {
        for pair in state * actions..<(state + 1) * actions {
          let share = gamma * mass[state] * policy.probabilities[pair]
          for place in successors.first[pair]..<successors.first[pair + 1] {
            let successor = Int(successors.states[place])
            if !isTerminal[successor] { next[successor] += share * successors.probabilities[place] }
          }
        }
      }
      mass = next
      if mass.reduce(0, +) < 1e-9 { return length }
    }
    throw Refusal(
      .invalidArgument,
      "rewards of this policy's trajectories count for more than \(MDPOutline.maximumHorizon) steps; set a horizon or a smaller gamma"
    )
  }
}
