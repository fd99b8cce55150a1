// Every function of a policy runs over its rows a block at a time, and writes only finite results.

/// Which rows a block holds: consecutive steps of consecutive sequences.
struct BlockPlace {
  /// The first row and the number of rows.
  let first: Int
  let count: Int
  /// The sequences; without memory, the rows themselves.
  let lanes: Range<Int>
  /// The first step.
  let step: Int

  /// The first of some rows without memory.
  @inline(__always) init(rows: Range<Int>, limit: Int) {
    let count = min(limit, rows.count)
    self.init(first: rows.lowerBound, count: count, lanes: rows.lowerBound..<rows.lowerBound + count, step: 0)
  }

  init(first: Int, count: Int, lanes: Range<Int>, step: Int) {
    self.first = first
    self.count = count
    self.lanes = lanes
    self.step = step
  }
}

extension Policy {
  /// Runs the policy's branch over some sequences, a block at a time. `body` receives the block's first row and its
  /// length.
  ///
  /// - Parameter sequences: Without memory, any range of rows.
  func forEachBlock(
    of rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass,
    _ body: (_ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    try forEachPlace(rows, sequences, on: pass, limit: pass.capacity) { (place) throws(Refusal) in
      run(pass, rows, place)
      try body(place.first, place.count)
    }
  }

  /// Runs the policy's branch over one block.
  func run(_ pass: PolicyPass, _ rows: PolicyRows, _ place: BlockPlace, masks: Bool = true) {
    pass.forward(
      block(of: rows, place, on: pass), parameters(for: pass),
      masks: masks ? rows.masks.map { $0 + place.first * space.flags } : nil, advancesAll: rows.finalStates != nil)
  }

  /// A block of rows, normalised if they are raw. With memory, also tells the pass how they form sequences.
  func block(of rows: PolicyRows, _ place: BlockPlace, on pass: PolicyPass) -> Block {
    if stateSize > 0 { pass.setLanes(of: rows, place) }
    let first = rows.observations + place.first * observationSize
    let observations =
      switch rows.form {
      case .raw: normalized(first, rows: place.count, on: pass)
      case .normalized: first
      case .packed: pass.unpack(rows.observations, place.first..<place.first + place.count)
      }
    return Block(rows: place.count, observations: observations)
  }

  /// Raw observations as the networks read them.
  func normalized(
    _ observations: UnsafePointer<Float>, rows: Int, on pass: PolicyPass
  ) -> UnsafePointer<Float> {
    if let view = pass.view {
      return view.isNormalizing ? pass.normalize(observations, rows: rows, by: view.normalizer) : observations
    }
    return pass.normalize(observations, rows: rows, by: normalizer)
  }

  /// Visits rows a block at a time.
  ///
  /// - Parameter limit: The most rows in a block, at most the pass's capacity.
  @inline(__always) func forEachPlace(
    _ rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass, limit: Int,
    _ body: (_ place: BlockPlace) throws(Refusal) -> Void
  ) throws(Refusal) {
    var place =
      stateSize == 0
      ? BlockPlace(rows: sequences, limit: limit) : try firstPlace(rows, sequences, on: pass, limit: limit)
    while true {
      try body(place)
      if stateSize > 0 {
        guard try moveToNext(&place, rows, sequences, on: pass, limit: limit) else { return }
      } else {
        let end = place.first + place.count
        guard end < sequences.upperBound else { return }
        place = BlockPlace(rows: end..<sequences.upperBound, limit: limit)
      }
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
