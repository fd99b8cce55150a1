import KernelShims

// What is allowed: actions inside the space, choices that masks do not exclude, and log-probabilities that can be.

extension ActionSpace {
  /// Refuses rows that lie outside the space.
  package func check(_ actions: UnsafePointer<Float>, rows: Int) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        Rows(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn)
    }
  }

  /// Clips bounded continuous columns for the environment. Learning uses the draws, which are not clipped.
  package func clip(_ actions: UnsafePointer<Float>, rows: Int, into clipped: UnsafeMutablePointer<Float>) {
    clipped.update(from: actions, count: rows * columns)
    for member in members where type(of: member.distribution).traits.isClipped {
      let part = member.distribution.part
      guard part.low > -.infinity || part.high < .infinity else { continue }
      for row in 0..<rows {
        let values = clipped + row * columns + member.firstColumn
        for column in 0..<part.size { values[column] = min(max(values[column], part.low), part.high) }
      }
    }
  }

  /// Turns draws into actions, in place: squashes pre-squash actions and does not change other columns.
  func squash(_ draws: UnsafeMutablePointer<Float>, rows: Int) {
    guard squashes else { return }
    for member in members {
      member.distribution.squash(MutableRows(base: draws + member.firstColumn, stride: columns), rows: rows)
    }
  }

  /// Turns actions into draws, in place; the inverse of ``squash(_:rows:)``.
  func unsquash(_ actions: UnsafeMutablePointer<Float>, rows: Int) {
    guard squashes else { return }
    for member in members {
      member.distribution.unsquash(MutableRows(base: actions + member.firstColumn, stride: columns), rows: rows)
    }
  }

  /// Gives choices that masks exclude a probability of exactly 0, by setting their outputs to infinite values.
  func mask(_ outputs: UnsafeMutablePointer<Float>, rows: Int, by masks: UnsafePointer<UInt8>) {
    for member in members {
      member.distribution.mask(
        MutableRows(base: outputs + member.firstOutput, stride: self.outputs), rows: rows, by: flags(of: member, masks))
    }
  }

  /// Refuses masks that exclude all choices of a part.
  ///
  /// - Parameter first: The number of the first row in messages.
  func check(masks: UnsafePointer<UInt8>, rows: Int, first: Int = 0) throws(Refusal) {
    for (index, member) in members.enumerated() {
      try member.distribution.check(
        masks: MaskRows(base: masks + member.firstFlag, stride: flags, firstNumber: first), rows: rows, part: index)
    }
  }

  /// Refuses actions that masks exclude.
  func check(_ actions: UnsafePointer<Float>, rows: Int, allowedBy masks: UnsafePointer<UInt8>) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        Rows(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn,
        allowedBy: flags(of: member, masks))
    }
  }

  private func flags(of member: Member, _ masks: UnsafePointer<UInt8>) -> MaskRows {
    MaskRows(base: masks + member.firstFlag, stride: flags)
  }

  /// The largest possible log π(a|s), with room for the errors of other libraries; a density has no such bound.
  var largestLogProbability: Float { parts.contains { $0.isContinuous } ? .infinity : 0.001 }
}
