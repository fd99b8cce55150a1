import KernelShims

// What the world allows: actions inside the space, and the choices that masks leave.

extension ActionSpace {
  /// Refuses rows that lie outside the space.
  package func check(_ actions: UnsafePointer<Float>, rows: Int) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        Rows(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn)
    }
  }

  /// Brings continuous columns with bounds into them: what the world is given, while learning keeps what was drawn.
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

  /// Turns draws into actions, in place: squashes pre-squash actions, and leaves all other columns alone.
  func squash(_ draws: UnsafeMutablePointer<Float>, rows: Int) {
    guard squashes else { return }
    for member in members {
      member.distribution.squash(MutableRows(base: draws + member.firstColumn, stride: columns), rows: rows)
    }
  }

  /// Takes what masks do not allow out of the distributions: its outputs become infinite, and its probability exactly
  /// 0.
  func mask(_ outputs: UnsafeMutablePointer<Float>, rows: Int, by masks: UnsafePointer<UInt8>) {
    for member in members {
      member.distribution.mask(
        MutableRows(base: outputs + member.firstOutput, stride: self.outputs), rows: rows, by: flags(of: member, masks))
    }
  }

  /// Refuses masks that leave a part no choice.
  ///
  /// - Parameter first: What messages call the first row.
  func check(masks: UnsafePointer<UInt8>, rows: Int, first: Int = 0) throws(Refusal) {
    for (index, member) in members.enumerated() {
      try member.distribution.check(
        masks: MaskRows(base: masks + member.firstFlag, stride: flags, firstNumber: first), rows: rows, part: index)
    }
  }

  /// Refuses actions that masks do not allow.
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
}
