import PolicyGradient

/// A discrete policy over all states of an MDP in double precision: its probabilities, and gradients through them.
package struct TabularPolicy {
  /// π(a|s) and log π(a|s), states × actions.
  package let probabilities: [Double]
  package let logProbabilities: [Double]
  package let parameterCount: Int

  private let choices: JointChoices
  private let network: ReferenceNetwork
  /// The network's forward pass of each state.
  private let passes: [ReferenceNetwork.Pass]

  /// - Parameter parameters: Parameters in the policy's order; `nil` for the policy's own.
  /// - Throws: `.invalidArgument` if the policy does not fit the MDP, `.notFinite` if parameters are not finite.
  package init(_ policy: Policy, _ parameters: UnsafePointer<Double>? = nil, in mdp: TabularMDP) throws(Refusal) {
    let configuration = policy.configuration
    try require(
      configuration.observationSize == mdp.observationSize, "the policy's observation_size",
      "\(configuration.observationSize)", "be the MDP's, \(mdp.observationSize)")
    choices = try JointChoices(configuration.parts, count: mdp.actions)
    parameterCount = policy.parameters.count
    let count = parameterCount
    var given = (0..<count).map { parameters?[$0] ?? 0 }
    if parameters == nil {
      try policy.withParameters { own in
        for index in 0..<count { given[index] = Double(own[index]) }
      }
    }
    for (index, value) in given.enumerated() where !value.isFinite {
      throw Refusal(.notFinite, "parameters[\(index)] is \(value); it must be finite")
    }
    let network = try ReferenceNetwork(policy.policyLayers(), given)
    let passes = (0..<mdp.states).map { network.forward(mdp.observation($0)) }
    let choices = choices
    logProbabilities = passes.flatMap { choices.logProbabilities($0.outputs) }
    probabilities = logProbabilities.map { exp($0) }
    self.network = network
    self.passes = passes
    if let index = logProbabilities.firstIndex(where: { !$0.isFinite }) {
      throw Refusal(
        .notFinite,
        "log π(\(index % mdp.actions) | state \(index / mdp.actions)) is \(logProbabilities[index]); "
          + "the policy's parameters are too large")
    }
  }

  private var states: Int { passes.count }
  private var actions: Int { choices.count }

  /// Adds Σ weights(s, a) ∇θ log π(a|s) over the actions of one state.
  ///
  /// - Parameter weights: One number per action.
  package func accumulateScore(
    state: Int, weights: ArraySlice<Double>, into gradient: UnsafeMutablePointer<Double>
  ) {
    let pass = passes[state]
    network.backward(pass, choices.outputGradient(pass.outputs, weights), into: gradient)
  }

  /// Σ weights(s, a) ∇θ log π(a|s) over all states and actions.
  package func score(weights: [Double]) -> [Double] {
    var gradient = [Double](repeating: 0, count: parameterCount)
    for state in 0..<states {
      accumulateScore(state: state, weights: weights[state * actions..<(state + 1) * actions], into: &gradient)
    }
    return gradient
  }

  /// Refuses a table of scores that is too large.
  package func requireTableOfScores(in mdp: TabularMDP) throws(Refusal) {
    let pairs = mdp.states * mdp.actions
    try require(
      pairs <= MDPOutline.maximumElements / parameterCount, "state_count × action_count × parameters",
      "\(pairs) × \(parameterCount)", "be at most \(MDPOutline.maximumElements)")
  }

  /// Writes ∇θ log π(a|s) for every state and action, states × actions × parameters.
  package func scores(into table: UnsafeMutablePointer<Double>) {
    table.update(repeating: 0, count: states * actions * parameterCount)
    var weights = [Double](repeating: 0, count: actions)
    for state in 0..<states {
      for action in 0..<actions {
        weights[action] = 1
        accumulateScore(
          state: state, weights: weights[...], into: table + (state * actions + action) * parameterCount)
        weights[action] = 0
      }
    }
  }
}

extension JointChoices {
  /// log π of every action, given the network's outputs.
  fileprivate func logProbabilities(_ outputs: [Double]) -> [Double] {
    var result = [0.0]
    for member in members {
      let own = member.logProbabilities(outputs)
      result = result.flatMap { before in own.map { before + $0 } }
    }
    return result
  }

  /// The gradient of Σ weights(a) log π(a) by the network's outputs.
  fileprivate func outputGradient(_ outputs: [Double], _ weights: ArraySlice<Double>) -> [Double] {
    var gradient = [Double](repeating: 0, count: outputs.count)
    let total = weights.reduce(0, +)
    var stride = count
    for member in members {
      stride /= member.choices
      var own = [Double](repeating: 0, count: member.choices)
      for (action, weight) in weights.enumerated() { own[action / stride % member.choices] += weight }
      // ∂log π(c)/∂z_j = 1[c = j] - p_j
      let probabilities = member.logProbabilities(outputs).map { exp($0) }
      let choicesWithOutputs = member.isBinary ? 1..<2 : 0..<member.choices
      for choice in choicesWithOutputs {
        gradient[member.firstOutput + choice - choicesWithOutputs.lowerBound] =
          own[choice] - total * probabilities[choice]
      }
    }
    return gradient
  }
}

extension JointChoices.Choice {
  /// log π of each choice: the log-softmax of the logits. The first option of a binary choice has logit 0.
  fileprivate func logProbabilities(_ outputs: [Double]) -> [Double] {
    let own = outputs[firstOutput..<firstOutput + self.outputs]
    let logits = isBinary ? [0] + own : Array(own)
    let largest = logits.max() ?? 0
    let logSum = largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
    return logits.map { $0 - logSum }
  }
}
