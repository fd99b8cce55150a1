import PolicyGradient

/// Draws steps of a policy in an MDP, the action together with the next state, by an alias table for each state.
///
/// The n possible steps of a state fill n cells of equal width. A cell holds the probability of its own step and, if
/// there is room, a part of one other step's. So a draw takes one comparison, for any n.
/// - Source: Walker, "An efficient method for generating discrete random variables with general distributions" (1977);
///   Vose, "A linear algorithm for generating random numbers with a given distribution" (1991), for filling the cells.
struct StepSampler {
  struct Step {
    /// state × actions + action.
    let pair: Int32
    /// The next state; ``ended`` if it is terminal.
    let next: Int32
    let reward: Float
  }

  /// Marks the end of an episode.
  static let ended: Int32 = -1

  private struct Cell {
    /// How many of the cell's 2³² parts belong to its own step.
    var own: UInt32 = .max
    /// The step that the other parts belong to.
    var other: Int32
  }

  private let steps: [Step]
  private let cells: [Cell]
  /// Where each state's cells begin; after the last state, where they end.
  private let first: [Int]

  init(_ mdp: TabularMDP, _ policy: TabularPolicy) {
    let successors = mdp.successors
    var steps: [Step] = []
    var cells: [Cell] = []
    var first = [0]
    for state in 0..<mdp.states {
      var probabilities: [Double] = []
      for pair in state * mdp.actions..<(state + 1) * mdp.actions {
        for place in successors.first[pair]..<successors.first[pair + 1] {
          let next = successors.states[place]
          let isOver = mdp.isTerminal[Int(next)]
          steps.append(
            Step(pair: Int32(pair), next: isOver ? StepSampler.ended : next, reward: successors.rewards[place]))
          probabilities.append(policy.probabilities[pair] * successors.probabilities[place])
        }
      }
      cells += StepSampler.cells(probabilities, firstPlace: cells.count)
      first.append(cells.count)
    }
    self.steps = steps
    self.cells = cells
    self.first = first
  }

  private static func cells(_ probabilities: [Double], firstPlace: Int) -> [Cell] {
    let scale = Double(probabilities.count) / probabilities.reduce(0, +)
    var widths = probabilities.map { $0 * scale }
    var cells = widths.indices.map { Cell(other: Int32(firstPlace + $0)) }
    var short = widths.indices.filter { widths[$0] < 1 }
    var long = widths.indices.filter { widths[$0] >= 1 }
    while let low = short.popLast(), let high = long.last {
      cells[low] = Cell(own: UInt32(widths[low] * 0x1p32), other: Int32(firstPlace + high))
      widths[high] -= 1 - widths[low]
      if widths[high] < 1 { short.append(long.removeLast()) }
    }
    return cells
  }

  /// Draws a step from a state that is not terminal, by two words of 32 uniform bits.
  @inline(__always) func draw(_ state: Int, _ word: UInt32, _ otherWord: UInt32) -> Step {
    let count = UInt64(first[state + 1] - first[state])
    let place = first[state] + Int((UInt64(word) * count) >> 32)
    let cell = cells[place]
    return steps[otherWord < cell.own ? place : Int(cell.other)]
  }
}
