import PolicyGradient

extension TabularMDP {
  /// Refuses an undiscounted MDP whose episodes may never end. A terminal state must be reachable from every state that
  /// an episode can reach. Since policies give every action a positive probability, episodes then end with probability
  /// 1.
  func requireAbsorption() throws(Refusal) {
    let canEnd = statesThatCanEnd()
    guard let state = reachableStates().first(where: { !canEnd[$0] }) else { return }
    throw Refusal(
      .invalidArgument,
      "gamma is 1, horizon is 0, and no terminal state can be reached from state \(state); "
        + "set gamma below 1, a horizon, or more terminal states")
  }

  private func reachableStates() -> [Int] {
    var found = initial.map { $0 > 0 }
    var reached = found.indices.filter { found[$0] }
    var next = 0
    while next < reached.count {
      let state = reached[next]
      next += 1
      for place in successors.first[state * actions]..<successors.first[(state + 1) * actions] {
        let successor = Int(successors.states[place])
        guard !found[successor] else { continue }
        found[successor] = true
        reached.append(successor)
      }
    }
    return reached
  }

  private func statesThatCanEnd() -> [Bool] {
    var predecessors = [[Int]](repeating: [], count: states)
    for state in 0..<states {
      for place in successors.first[state * actions]..<successors.first[(state + 1) * actions] {
        predecessors[Int(successors.states[place])].append(state)
      }
    }
    var canEnd = isTerminal
    var frontier = canEnd.indices.filter { canEnd[$0] }
    while let state = frontier.popLast() {
      for predecessor in predecessors[state] where !canEnd[predecessor] {
        canEnd[predecessor] = true
        frontier.append(predecessor)
      }
    }
    return canEnd
  }
}
