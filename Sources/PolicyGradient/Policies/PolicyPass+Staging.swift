extension PolicyPass {
  /// Runs `body` with memory for `columns` numbers per row. If it succeeds, `target` receives them.
  func stage(
    _ target: UnsafeMutablePointer<Float>, rows: Int, columns: Int = 1,
    _ body: (UnsafeMutablePointer<Float>) throws(Refusal) -> Void
  ) throws(Refusal) {
    guard rows > capacity else { return try body(target) }
    let count = rows * columns
    let buffer = try temporaryBuffer(count)
    try body(buffer.pointer)
    target.update(from: buffer.pointer, count: count)
  }

  /// Room for so many numbers, until the next call.
  func temporaryBuffer(_ count: Int) throws(Refusal) -> Buffer<Float> {
    if let staging { try staging.temporaryBuffer(count) } else { try Buffer(count: count) }
  }
}
