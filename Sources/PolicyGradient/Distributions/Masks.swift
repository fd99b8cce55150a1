import KernelShims

// Action masks: excluded choices have probability exactly 0, and the other probabilities are normalised again.
// - Source: Huang & Ontañón, "A closer look at invalid action masking in policy gradient algorithms" (2022).

/// A flag for each choice.
extension Categorical {
  var flags: Int { part.size }

  func mask(_ outputs: MutableRows, rows: Int, by masks: MaskRows) {
    for row in 0..<rows {
      let (logits, allowed) = (outputs.base + row * outputs.stride, masks.base + row * masks.stride)
      for choice in 0..<part.size where allowed[choice] == 0 { logits[choice] = -.infinity }
    }
  }

  func check(masks: MaskRows, rows: Int, part index: Int) throws(Refusal) {
    for row in 0..<rows {
      let allowed = masks.base + row * masks.stride
      guard (0..<part.size).contains(where: { allowed[$0] == 1 }) else {
        throw Refusal(
          .invalidArgument,
          "masks[\(masks.firstNumber + row)] allows no choice of parts[\(index)]; at least one of its flags must be 1",
          row: masks.firstNumber + row)
      }
    }
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int, allowedBy masks: MaskRows) throws(Refusal) {
    for row in 0..<rows {
      let choice = actions.base[row * actions.stride]
      try require(
        masks.base[row * masks.stride + Int(choice)] == 1, "actions[\(row), \(firstColumn)]", "\(choice)",
        "be a choice that masks[\(row)] allows", row: row)
    }
  }
}

/// Two flags for each column: whether it may be 0, and whether it may be 1.
extension Bernoulli {
  var flags: Int { 2 * part.size }

  func mask(_ outputs: MutableRows, rows: Int, by masks: MaskRows) {
    for row in 0..<rows {
      let (logits, allowed) = (outputs.base + row * outputs.stride, masks.base + row * masks.stride)
      for column in 0..<part.size {
        if allowed[2 * column] == 0 { logits[column] = .infinity }
        if allowed[2 * column + 1] == 0 { logits[column] = -.infinity }
      }
    }
  }

  func check(masks: MaskRows, rows: Int, part index: Int) throws(Refusal) {
    for row in 0..<rows {
      let allowed = masks.base + row * masks.stride
      for column in 0..<part.size where allowed[2 * column] == 0 && allowed[2 * column + 1] == 0 {
        throw Refusal(
          .invalidArgument,
          "masks[\(masks.firstNumber + row)] allows column \(column) of parts[\(index)] neither 0 nor 1; at least one of its flags must be 1",
          row: masks.firstNumber + row)
      }
    }
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int, allowedBy masks: MaskRows) throws(Refusal) {
    for row in 0..<rows {
      for column in 0..<part.size {
        let bit = actions.base[row * actions.stride + column]
        try require(
          masks.base[row * masks.stride + 2 * column + Int(bit)] == 1, "actions[\(row), \(firstColumn + column)]",
          "\(bit)", "be a choice that masks[\(row)] allows", row: row)
      }
    }
  }
}

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
          throw Refusal(
            .notFinite, "actions[\(row), \(firstColumn + column)] is \(action); it must be finite", row: row)
        }
        try require(holds(action), "actions[\(row), \(firstColumn + column)]", "\(action)", expectation(), row: row)
      }
    }
  }
}
