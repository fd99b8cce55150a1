import PolicyGradient

/// The actions of an MDP as an action space: every combination of choices of its discrete parts. They are numbered such
/// that the first part is the most significant.
package struct JointChoices: Sendable {
  /// One choice among `choices`, with logits at `outputs` network outputs from `firstOutput` on.
  struct Choice: Sendable {
    let isBinary: Bool
    let choices: Int
    let firstOutput: Int

    var outputs: Int { isBinary ? 1 : choices }
  }

  package let parts: [ActionPart]
  package let count: Int
  let members: [Choice]
  let outputs: Int

  /// - Parameter count: The number of actions, which must equal the product of all parts' choices.
  package init(_ parts: [ActionPart], count: Int) throws(Refusal) {
    var members: [Choice] = []
    var (outputs, product) = (0, 1)
    try require(parts.count, in: 1...Limits.parts, "part_count")
    for (index, part) in parts.enumerated() {
      try part.validate("parts[\(index)]")
      let isBinary: Bool
      switch part.kind.traits.actions {
      case .choice: isBinary = false
      case .bits: isBinary = true
      case .reals:
        throw Refusal(
          .unsupported, "parts[\(index)].kind is \(part.kind.name); it must be categorical or Bernoulli for an MDP")
      }
      for _ in 0..<part.columns {
        let member = Choice(isBinary: isBinary, choices: isBinary ? 2 : part.size, firstOutput: outputs)
        members.append(member)
        outputs += member.outputs
        product = min(product * member.choices, Limits.elements)
      }
    }
    try require(product == count, "the number of actions that parts allow", "\(product)", "be action_count, \(count)")
    self.parts = parts
    self.count = count
    self.members = members
    self.outputs = outputs
  }

  /// Columns of an action.
  package var columns: Int { members.count }

  /// Writes an action's columns.
  package func encode(_ action: Int, into columns: UnsafeMutablePointer<Float>) {
    var rest = action
    for index in members.indices.reversed() {
      columns[index] = Float(rest % members[index].choices)
      rest /= members[index].choices
    }
  }

  /// The action with the given columns, which lie in the space.
  package func decode(_ columns: UnsafePointer<Float>) -> Int {
    var action = 0
    for (index, member) in members.enumerated() { action = action * member.choices + Int(columns[index]) }
    return action
  }
}
