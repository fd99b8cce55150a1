import KernelShims

extension Rows {
  /// Refuses the first action that is not finite, or for which `holds` is false:
  /// "actions[2, 0] is 0.5; it must be 0 or 1".
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
