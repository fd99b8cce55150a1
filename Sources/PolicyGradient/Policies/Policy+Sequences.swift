// Policies with a memory run over time, and carry the states from one block to the next.

extension Policy {
  /// Floats of the hidden state of one sequence; 0 without memory.
  package var stateSize: Int { network.stateSize }

  /// Visits sequences a block at a time, each in the order of its steps. Writes the final states when all is done.
  @inline(never)
  func forEachStep(
    _ rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass, limit: Int,
    _ body: (_ place: BlockPlace) throws(Refusal) -> Void
  ) throws(Refusal) {
    let total = rows.sequences
    // Steps of all sequences are neighbours; those of some are not.
    let isWhole = sequences == 0..<total && total <= limit
    let steps = isWhole ? min(rows.steps, limit / total) : 1
    // More sequences than the pass can carry end one after another; none may be written before all are known.
    let needsFinals = rows.finalStates != nil && sequences.count > limit
    let finals = try Buffer<Float>(count: needsFinals ? sequences.count * stateSize : 0)
    for firstLane in stride(from: sequences.lowerBound, to: sequences.upperBound, by: limit) {
      let lanes = firstLane..<min(firstLane + limit, sequences.upperBound)
      for step in stride(from: 0, to: rows.steps, by: steps) {
        let count = min(steps, rows.steps - step) * lanes.count
        try body(BlockPlace(first: step * total + firstLane, count: count, lanes: lanes, step: step))
      }
      guard rows.finalStates != nil else { continue }
      try checkResults(pass.carry.pointer, rows: lanes.count, columns: stateSize, first: firstLane, "final_states")
      if needsFinals {
        (finals.pointer + (firstLane - sequences.lowerBound) * stateSize)
          .update(from: pass.carry.pointer, count: lanes.count * stateSize)
      }
    }
    if let target = rows.finalStates {
      (target + sequences.lowerBound * stateSize)
        .update(from: needsFinals ? finals.pointer : pass.carry.pointer, count: sequences.count * stateSize)
    }
  }
}

extension PolicyPass {
  /// How the rows of a block form sequences. States are carried from one block to the next in ``carry``.
  func lanes(of rows: PolicyRows, _ place: BlockPlace) -> Lanes {
    let size = shape.network.stateSize
    return Lanes(
      count: place.lanes.count,
      states: place.step == 0
        ? rows.states.map { $0 + place.lanes.lowerBound * size } : UnsafePointer(carry.pointer),
      finalStates: carry.pointer, stride: size, starts: rows.starts.map { $0 + place.first })
  }
}
