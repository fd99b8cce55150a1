// Policies with a memory run over time, and carry the states from one block to the next.

extension Policy {
  /// The first block of some sequences.
  @inline(never)
  func firstPlace(
    _ rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass, limit: Int
  ) throws(Refusal) -> BlockPlace {
    try pass.reserveStates(for: sequences)
    let lanes = sequences.lowerBound..<min(sequences.lowerBound + limit, sequences.upperBound)
    return place(rows, lanes, step: 0, limit: limit)
  }

  /// Moves to the block after `place`: first over time, then to the next sequences. After the last, writes the final
  /// states and returns `false`.
  @inline(never)
  func moveToNext(
    _ place: inout BlockPlace, _ rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass, limit: Int
  ) throws(Refusal) -> Bool {
    let step = place.step + place.count / place.lanes.count
    if step < rows.steps {
      place = self.place(rows, place.lanes, step: step, limit: limit)
      return true
    }
    let first = place.lanes.upperBound
    if first < sequences.upperBound {
      place = self.place(rows, first..<min(first + limit, sequences.upperBound), step: 0, limit: limit)
      return true
    }
    guard let target = rows.finalStates else { return false }
    let states = pass.carry.pointer
    try checkResults(states, rows: sequences.count, columns: stateSize, first: sequences.lowerBound, "final_states")
    (target + sequences.lowerBound * stateSize).update(from: states, count: sequences.count * stateSize)
    return false
  }

  private func place(_ rows: PolicyRows, _ lanes: Range<Int>, step: Int, limit: Int) -> BlockPlace {
    // Consecutive steps are contiguous only if they include all sequences.
    let steps = lanes.count == rows.sequences ? min(rows.steps - step, limit / lanes.count) : 1
    return BlockPlace(
      first: step * rows.sequences + lanes.lowerBound, count: steps * lanes.count, lanes: lanes, step: step)
  }
}

extension PolicyPass {
  /// Tells how the rows of a block form sequences. States are carried from one block to the next in ``carry``.
  @inline(never)
  func setLanes(of rows: PolicyRows, _ place: BlockPlace) {
    let size = shape.network.stateSize
    let states = carriedStates(of: place.lanes)
    setLanes(
      LaneStates(
        count: place.lanes.count,
        states: place.step == 0 ? rows.states.map { $0 + place.lanes.lowerBound * size } : UnsafePointer(states),
        finalStates: states, stride: size, starts: rows.starts.map { $0 + place.first }))
  }
}
