extension Rollout {
  /// The rows of so many steps, at most one more than there are.
  func policyRows(steps: Int) -> PolicyRows {
    let count = steps * environments
    guard stateSize > 0 else {
      return PolicyRows(observations.pointer, as: .packed, count: count, masks: masks.all)
    }
    return PolicyRows(
      observations.pointer, as: .packed, count: count, masks: masks.all, steps: steps, states: states.pointer,
      starts: starts.pointer)
  }

  /// The rows of some steps, without masks, given the hidden states before the first of them.
  ///
  /// - Parameter carry: Holds these states, unless the steps are the rollout's first; receives those after the last.
  func policyRows(_ steps: Range<Int>, carry: UnsafeMutablePointer<Float>) -> PolicyRows {
    let first = steps.lowerBound * environments
    return PolicyRows(
      observations.pointer + first * packing.storedSize, as: .packed, count: steps.count * environments,
      steps: steps.count, states: first == 0 ? states.pointer : carry, finalStates: carry,
      starts: starts.pointer + first)
  }
}
