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
