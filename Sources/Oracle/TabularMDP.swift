import PolicyGradient

/// A finite Markov decision process given by its tables, small enough to be solved exactly.
///
///     J(θ) = E[ Σ_{t < T} γ^t r(s_t, a_t, s_{t+1}) ],   s_0 ~ ρ,  a_t ~ π(·|s_t, θ),  s_{t+1} ~ P(·|s_t, a_t)
///
/// where T is the horizon, or the step that entered a terminal state, whichever comes first.
package final class TabularMDP: Sendable {
  package let outline: MDPOutline
  package let initial: [Double]
  package let isTerminal: [Bool]
  /// The actions as an action space.
  package let choices: JointChoices
  /// states × observation size.
  package let observations: [Float]
  /// E[r | s, a], states × actions; 0 in terminal states.
  package let expectedRewards: [Double]
  /// Rows of ``transitions`` without their zeros.
  let successors: SuccessorTable

  // Not written after `init`.
  nonisolated(unsafe) let transitionTable: Buffer<Double>
  nonisolated(unsafe) let rewardTable: Buffer<Double>

  /// P(s'|s, a), states × actions × states; 0 in the rows of terminal states.
  package var transitions: UnsafePointer<Double> { UnsafePointer(transitionTable.pointer) }
  /// r(s, a, s') or r(s, a), depending on the outline; 0 in terminal states.
  package var rewards: UnsafePointer<Double> { UnsafePointer(rewardTable.pointer) }

  package var states: Int { outline.states }
  package var actions: Int { outline.actions }
  package var gamma: Double { outline.gamma }
  package var observationSize: Int { outline.observationSize }
  /// The number of layers of values: with a finite horizon one per step, since values depend on the steps that remain.
  package var layers: Int { max(outline.horizon, 1) }

  /// Checks and copies the tables.
  ///
  /// - Parameters:
  ///   - transitions: states × actions × states; rows of terminal states are not read.
  ///   - rewards: states × actions × states if they depend on the next state, else states × actions; rows of terminal
  ///     states are not read.
  ///   - initial: One probability per state; 0 for terminal states.
  ///   - terminal: One flag per state; `nil` if no state is terminal.
  ///   - observations: states × observation size, or `nil` for one-hot states.
  ///   - areNormalized: Whether the probabilities come from an MDP's own tables, which are not divided by their sums
  ///     again.
  /// - Throws: `.invalidArgument` or `.notFinite`, naming the element, its value and what was expected; `.outOfMemory`.
  package init(
    _ outline: MDPOutline, transitions: UnsafePointer<Double>, rewards: UnsafePointer<Double>,
    initial: UnsafePointer<Double>, terminal: UnsafePointer<UInt8>? = nil, observations: UnsafePointer<Float>? = nil,
    areNormalized: Bool = false
  ) throws(Refusal) {
    var outline = outline
    if observations == nil { outline.observationSize = outline.states }
    try outline.validate()
    try require(outline.observationSize, in: 1...Limits.size, "observation_size")
    let (states, pairs) = (outline.states, outline.states * outline.actions)
    let tables = MDPTables(outline, isTerminal: try terminalFlags(terminal, states), areNormalized: areNormalized)
    choices = try JointChoices(
      outline.parts ?? [ActionPart(.categorical, size: outline.actions)], count: outline.actions)
    outline.parts = choices.parts
    self.outline = outline
    isTerminal = tables.isTerminal
    self.initial = try tables.initial(initial)
    transitionTable = try tables.transitions(transitions)
    rewardTable = try tables.rewards(rewards)
    successors = SuccessorTable(
      pairs: pairs, states: states, transitions: transitionTable.pointer, rewards: rewardTable.pointer,
      rewardsDependOnNextState: outline.rewardsDependOnNextState)
    expectedRewards = successors.expectedRewards
    self.observations = try observationRows(observations, states, outline.observationSize)
    if outline.horizon == 0 && outline.gamma == 1 { try requireAbsorption() }
  }

  /// The observation of a state.
  func observation(_ state: Int) -> ArraySlice<Float> {
    observations[state * observationSize..<(state + 1) * observationSize]
  }
}

/// One row of features for each state; one-hot rows if none are given.
private func observationRows(
  _ given: UnsafePointer<Float>?, _ states: Int, _ size: Int
) throws(Refusal) -> [Float] {
  guard let given else { return (0..<states * states).map { $0 / states == $0 % states ? 1 : 0 } }
  try checkFinite(given, states, size, "observations")
  return Array(UnsafeBufferPointer(start: given, count: states * size))
}

private func terminalFlags(_ given: UnsafePointer<UInt8>?, _ states: Int) throws(Refusal) -> [Bool] {
  guard let given else { return Array(repeating: false, count: states) }
  for state in 0..<states where given[state] > 1 {
    throw Refusal(.invalidArgument, "terminal[\(state)] is \(given[state]); it must be 0 or 1")
  }
  return (0..<states).map { given[$0] == 1 }
}

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

extension TabularMDP {
  private static let prefix = "mdp"

  func store(in file: inout TensorFile) throws(Refusal) {
    var fields = Fields(TabularMDP.prefix, in: file)
    fields.set("states", states)
    fields.set("actions", actions)
    fields.set("gamma", gamma)
    fields.set("horizon", outline.horizon)
    fields.set("rewards_by_next_state", outline.rewardsDependOnNextState)
    fields.set("observation_size", observationSize)
    fields.set("parts", choices.parts.text)
    file = fields.file
    file.add("mdp.transitions", transitionTable, shape: [transitionTable.count])
    file.add("mdp.rewards", rewardTable, shape: [rewardTable.count])
    try file.add("mdp.initial", initial)
    try file.add("mdp.terminal", isTerminal.map { $0 ? 1 : 0 as UInt8 })
    try file.add("mdp.observations", observations)
  }

  convenience init(from file: TensorFile) throws(Refusal) {
    let fields = Fields(TabularMDP.prefix, in: file)
    var outline = MDPOutline(
      states: try fields.get("states"), actions: try fields.get("actions"), gamma: try fields.get("gamma"))
    outline.horizon = try fields.get("horizon")
    outline.rewardsDependOnNextState = try fields.get("rewards_by_next_state")
    outline.observationSize = try fields.get("observation_size")
    outline.parts = try [ActionPart](text: fields.text("parts"))
    do throws(Refusal) {
      try outline.validate()
      let (states, pairs) = (outline.states, outline.states * outline.actions)
      let transitions = try Buffer<Double>(count: pairs * states)
      try file.read("mdp.transitions", into: transitions, shape: [transitions.count])
      let rewards = try Buffer<Double>(count: outline.rewardsDependOnNextState ? pairs * states : pairs)
      try file.read("mdp.rewards", into: rewards, shape: [rewards.count])
      let initial = try Buffer<Double>(count: states)
      try file.read("mdp.initial", into: initial, shape: [states])
      let terminal = try Buffer<UInt8>(count: states)
      try file.read("mdp.terminal", into: terminal, shape: [states])
      let observations = try Buffer<Float>(count: states * outline.observationSize)
      try file.read("mdp.observations", into: observations, shape: [observations.count])
      try self.init(
        outline, transitions: transitions.pointer, rewards: rewards.pointer, initial: initial.pointer,
        terminal: terminal.pointer, observations: observations.pointer, areNormalized: true)
    } catch {
      guard error.reason == .invalidArgument || error.reason == .notFinite else { throw error }
      throw Refusal(.badFile, "its MDP is invalid: \(error.message)")
    }
  }

  /// Whether all tables have the same bits.
  func isSame(as other: TabularMDP) -> Bool {
    outline == other.outline && isTerminal == other.isTerminal && initial == other.initial
      && observations == other.observations
      && transitionTable.elements.elementsEqual(other.transitionTable.elements)
      && rewardTable.elements.elementsEqual(other.rewardTable.elements)
  }
}
