import PolicyGradient

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
