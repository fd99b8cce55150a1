// Every function of a policy goes over its rows a block at a time, and hands over only what is finite.

extension Policy {
  /// Runs the policy network over rows, a block at a time: `body` gets its outputs, the block's first row and its length.
  ///
  /// - Parameter masks: Which choices are allowed: see ``ActionSpace/mask(_:rows:by:)``.
  func forEachBlock(
    _ observations: UnsafePointer<Float>, as form: ObservationForm = .raw, masks: UnsafePointer<UInt8>? = nil,
    _ rows: Range<Int>, on pass: ForwardPass,
    _ body: (_ outputs: UnsafePointer<Float>, _ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    try forEachBlock(of: observations, as: form, rows) { (block, first, count) throws(Refusal) in
      try body(forward(block, masks: masks, first: first, count: count, on: pass), first, count)
    }
  }

  /// Runs the policy network over one block, the masks being those of all rows.
  func forward(
    _ block: UnsafePointer<Float>, masks: UnsafePointer<UInt8>?, first: Int, count: Int,
    on pass: ForwardPass
  ) -> UnsafePointer<Float> {
    pass.actorTape.forward(block, rows: count, parameters: parameters.pointer)
    if let masks { space.mask(pass.actorTape.outputs, rows: count, by: masks + first * space.flags) }
    return UnsafePointer(pass.actorTape.outputs)
  }

  /// Walks rows a block at a time: `body` gets the block as the networks see it, its first row and its length.
  func forEachBlock(
    of observations: UnsafePointer<Float>, as form: ObservationForm, _ rows: Range<Int>,
    _ body: (_ block: UnsafePointer<Float>, _ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let count = min(Tape.rows, rows.upperBound - first)
      let block = observations + first * observationSize
      try body(form == .raw ? seen(block, rows: count) : block, first, count)
      first += count
    }
  }

  /// A block of at most ``Tape/rows`` raw observations as the networks see it; valid until the next call.
  func seen(_ observations: UnsafePointer<Float>, rows: Int) -> UnsafePointer<Float> {
    normalizer?.normalized(observations, rows: rows) ?? observations
  }

  /// Hands over one number for each row of a block, or refuses the first that is not finite.
  func hand(
    _ numbers: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, first: Int, count: Int,
    _ name: StaticString
  ) throws(Refusal) {
    try checkResults(numbers, rows: count, columns: 1, first: first, name)
    (target + first).update(from: numbers, count: count)
  }

  /// Refuses results of a block of which one is not finite, as happens where finite parameters or observations are so large
  /// that a sum of their products is not.
  func checkResults(
    _ numbers: UnsafePointer<Float>, rows: Int, columns: Int, first: Int, _ name: StaticString
  ) throws(Refusal) {
    guard !kernels.isFinite(numbers, rows * columns) else { return }
    for index in 0..<rows * columns where !numbers[index].isFinite {
      let row = first + index / columns
      let place = columns == 1 ? "\(row)" : "\(row), \(index % columns)"
      throw Refusal(
        .notFinite, "\(name)[\(place)] would be \(numbers[index]): the observation or the parameters are too large")
    }
  }
}

/// Whether observations are as the world told them, or as the networks see them.
enum ObservationForm { case raw, normalized }
