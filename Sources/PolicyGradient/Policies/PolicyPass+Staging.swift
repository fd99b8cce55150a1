extension PolicyPass {
  /// Whether a call may be refused when it has results already: by a later block, or by the final states.
  @inline(__always) func stages(_ rows: PolicyRows) -> Bool { rows.count > capacity || rows.finalStates != nil }

  /// Runs `body` with memory for `columns` numbers per row. If it succeeds, `target` receives them.
  func stage(
    _ target: UnsafeMutablePointer<Float>, _ rows: PolicyRows, columns: Int = 1,
    _ body: (UnsafeMutablePointer<Float>) throws(Refusal) -> Void
  ) throws(Refusal) {
    guard stages(rows) else { return try body(target) }
    let count = rows.count * columns
    let buffer = try temporaryBuffer(count)
    try body(buffer.pointer)
    target.update(from: buffer.pointer, count: count)
  }

  /// Room for so many numbers, until the next call.
  func temporaryBuffer(_ count: Int) throws(Refusal) -> Buffer<Float> {
    if let staging { try staging.temporaryBuffer(count) } else { try Buffer(count: count) }
  }
}
