import KernelShims

extension Policy {
  /// Refuses actions, or draws, that lie outside the space or that masks exclude.
  package func check(
    _ actions: UnsafePointer<Float>, areDraws: Bool = false, rows: Int, masks: UnsafePointer<UInt8>? = nil
  ) throws(Refusal) {
    let space = areDraws ? drawSpace : space
    try space.check(actions, rows: rows)
    if let masks { try space.check(actions, rows: rows, allowedBy: masks) }
  }

  /// Refuses observations that are not finite, choices out of range, images that are no bytes, and bitmaps that are no
  /// bits.
  ///
  /// - Parameter first: The number of the first row in messages.
  package func check(
    observations: UnsafePointer<Float>, rows: Int, _ name: @autoclosure () -> String, first: Int = 0
  ) throws(Refusal) {
    guard !configuration.observationParts.isEmpty else {
      return try checkFinite(observations, rows, observationSize, name(), first: first)
    }
    for row in 0..<rows where !isValid(observation: observations + row * observationSize) {
      try checkFinite(observations, rows, observationSize, name(), first: first)
      try refuseNumber(of: observations + row * observationSize, row: first + row, name())
    }
  }

  /// Whether every part holds valid numbers. Reads each number only once, because images are often not in the cache.
  private func isValid(observation: UnsafePointer<Float>) -> Bool {
    var numbers = observation
    for part in configuration.observationParts {
      let isValid =
        part.lastNumber.map { kernels.areChoices(part.columns, Rows(base: numbers, stride: 1), $0) }
        ?? kernels.isFinite(numbers, part.columns)
      guard isValid else { return false }
      numbers += part.columns
    }
    return true
  }

  /// Refuses the first number of an observation that is not valid in its part.
  private func refuseNumber(of observation: UnsafePointer<Float>, row: Int, _ name: String) throws(Refusal) {
    for (part, place) in zip(configuration.observationParts, configuration.observationParts.places) {
      guard let last = part.lastNumber else { continue }
      for column in place..<place + part.columns
      where !kernels.areChoices(1, Rows(base: observation + column, stride: 1), last) {
        throw Refusal(
          .invalidArgument,
          "\(name)[\(row), \(column)] is \(observation[column]); it must be a whole number from 0 to \(Int(last)), "
            + "since it belongs to \(part.kind == .image ? "an" : "a") \(part.kind.name)",
          row: row)
      }
    }
  }

  /// Clips bounded Gaussian columns of finite actions to their bounds.
  package func clip(_ actions: UnsafePointer<Float>, rows: Int, into clipped: UnsafeMutablePointer<Float>) {
    space.clip(actions, rows: rows, into: clipped)
  }

  func requireValueFunction() throws(Refusal) {
    guard hasValueFunction else {
      throw Refusal(.badState, "the policy has no value function; create it with value_function = 1")
    }
  }

  /// Refuses flags other than 0 and 1, and masks that exclude all choices of a part.
  package func check(masks: UnsafePointer<UInt8>, rows: Int) throws(Refusal) {
    try space.check(masks: masks, rows: rows)
  }

  /// Refuses a policy with another observation size, state size or action space, since no divergence from it is
  /// defined.
  package func checkComparable(_ other: Policy, _ name: @autoclosure () -> String) throws(Refusal) {
    try require(
      other.observationSize == observationSize, "observation_size of \(name())", "\(other.observationSize)",
      "be the policy's, \(observationSize)")
    try require(
      other.stateSize == stateSize, "state_size of \(name())", "\(other.stateSize)",
      "be the policy's, \(stateSize): both start from the same states")
    let (parts, others) = (space.parts, other.space.parts)
    try require(
      others.count == parts.count, "part_count of \(name())", "\(others.count)", "be the policy's, \(parts.count)")
    for (index, pair) in zip(parts, others).enumerated() {
      try require(
        pair.0.isSame(as: pair.1), "parts[\(index)] of \(name())", "\(pair.1)", "be the policy's, \(pair.0)")
    }
  }
}
