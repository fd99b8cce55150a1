/// The bounds of a squashed or beta part as its kernels take them.
struct ActionBounds {
  let low: Double
  let high: Double
  var range: Double { high - low }
  /// How far inside it an action on a bound counts: a quarter of the step to the next float, so that it lies within what
  /// rounds to the bound, and its log-probability is finite.
  let lowMargin: Double
  let highMargin: Double

  init(_ part: ActionPart) {
    low = Double(part.low)
    high = Double(part.high)
    lowMargin = (Double(part.low.nextUp) - low) / 4
    highMargin = (high - Double(part.high.nextDown)) / 4
  }
}

extension ReadColumns {
  /// Refuses the first action that is not finite, or for which `holds` is false: "actions[2, 0] is 0.5; it must be 0 or 1".
  func check(
    rows: Int, columns: Int, firstColumn: Int, _ expectation: @autoclosure () -> String, _ holds: (Float) -> Bool
  ) throws(Refusal) {
    for row in 0..<rows {
      for column in 0..<columns {
        let action = base[row * stride + column]
        guard action.isFinite else {
          throw Refusal(.notFinite, "actions[\(row), \(firstColumn + column)] is \(action); it must be finite")
        }
        try require(holds(action), "actions[\(row), \(firstColumn + column)]", "\(action)", expectation())
      }
    }
  }
}
