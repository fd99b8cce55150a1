// Every function of a policy runs over its rows a block at a time, and writes only finite results.

extension Policy {
  /// Runs the policy's branch over rows, a block at a time. `body` receives the block's first row and its length.
  ///
  /// - Parameter masks: Which choices are allowed: see ``ActionSpace/mask(_:rows:by:)``.
  func forEachBlock(
    of observations: UnsafePointer<Float>, as form: ObservationForm, masks: UnsafePointer<UInt8>? = nil,
    _ rows: Range<Int>, on pass: PolicyPass, _ body: (_ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    try forEachBlock(rows, on: pass) { (first, count) throws(Refusal) in
      run(pass, observations, as: form, masks: masks, first: first, count: count)
      try body(first, count)
    }
  }

  /// Runs the policy's branch over one block. `observations` and `masks` hold all rows.
  func run(
    _ pass: PolicyPass, _ observations: UnsafePointer<Float>, as form: ObservationForm, masks: UnsafePointer<UInt8>?,
    first: Int, count: Int
  ) {
    pass.forward(
      block(observations, as: form, first: first, count: count, on: pass), parameters.pointer,
      masks: masks.map { $0 + first * space.flags })
  }

  /// A block of some rows, normalised if they are raw.
  func block(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, first: Int, count: Int, on pass: PolicyPass
  ) -> Block {
    let rows = observations + first * observationSize
    return Block(rows: count, observations: form == .raw ? pass.normalize(rows, rows: count, by: normalizer) : rows)
  }

  /// Visits rows a block at a time.
  func forEachBlock(
    _ rows: Range<Int>, on pass: PolicyPass, _ body: (_ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let count = min(pass.capacity, rows.upperBound - first)
      try body(first, count)
      first += count
    }
  }

  /// Copies one value per row of a block to `target`; throws if any of them is not finite.
  func copyChecked(
    _ numbers: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, first: Int, count: Int,
    _ name: StaticString
  ) throws(Refusal) {
    try checkResults(numbers, rows: count, columns: 1, first: first, name)
    (target + first).update(from: numbers, count: count)
  }

  /// Refuses results that are not finite. They arise where finite parameters or observations are so large that a sum of
  /// their products overflows.
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

/// Whether observations are raw, as the environment gave them, or normalised.
enum ObservationForm { case raw, normalized }
