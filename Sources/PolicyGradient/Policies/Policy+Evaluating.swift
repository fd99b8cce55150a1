extension Policy {
  /// log π(a|s) of given actions, or of given draws.
  package func logProbability(
    _ rows: PolicyRows, _ actions: UnsafePointer<Float>, areDraws: Bool = false,
    into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try withPass { (pass) throws(Refusal) in
      try pass.stage(logProbabilities, rows) { (logs) throws(Refusal) in
        try logProbability(rows, 0..<rows.sequences, actions, areDraws: areDraws, on: pass, into: logs)
      }
    }
  }

  /// log π(a|s) of given actions, or draws, of some sequences.
  func logProbability(
    _ rows: PolicyRows, _ sequences: Range<Int>, _ actions: UnsafePointer<Float>, areDraws: Bool, on pass: PolicyPass,
    into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try forEachBlock(of: rows, sequences, on: pass) { (first, count) throws(Refusal) in
      pass.logProbability(actions + first * space.columns, areDraws: areDraws, into: pass.results.pointer)
      try copyChecked(pass.results.pointer, to: logProbabilities, first: first, count: count, "log_probs")
    }
  }

  /// H(π(·|s)), in nats.
  package func entropy(_ rows: PolicyRows, into entropies: UnsafeMutablePointer<Float>) throws(Refusal) {
    try withPass { (pass) throws(Refusal) in
      try pass.stage(entropies, rows) { (entropies) throws(Refusal) in
        try forEachBlock(of: rows, 0..<rows.sequences, on: pass) { (first, count) throws(Refusal) in
          pass.entropy(into: pass.results.pointer)
          try copyChecked(pass.results.pointer, to: entropies, first: first, count: count, "entropies")
        }
      }
    }
  }

  /// KL(π ‖ other) of each observation. `other` has the same observation size and action space. If it has a memory, it
  /// starts from the same states.
  package func divergence(
    from other: Policy, _ rows: PolicyRows, into divergences: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try withPass { (pass) throws(Refusal) in
      guard other !== self else { return try divergence(from: self, on: pass, pass, rows, divergences) }
      try other.withPass { (otherPass) throws(Refusal) in
        try divergence(from: other, on: pass, otherPass, rows, divergences)
      }
    }
  }

  private func divergence(
    from other: Policy, on pass: PolicyPass, _ otherPass: PolicyPass, _ rows: PolicyRows,
    _ divergences: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try pass.stage(divergences, rows) { (divergences) throws(Refusal) in
      // The other policy may have smaller blocks.
      let limit = min(pass.capacity, otherPass.capacity)
      try forEachPlace(rows, 0..<rows.sequences, on: pass, limit: limit) { (place) throws(Refusal) in
        run(pass, rows, place)
        if other !== self {
          if place.step == 0 { try otherPass.reserveStates(for: 0..<rows.sequences) }
          other.run(otherPass, rows, place)
        }
        pass.divergence(from: otherPass, into: pass.results.pointer)
        try copyChecked(pass.results.pointer, to: divergences, first: place.first, count: place.count, "kls")
      }
    }
  }

  /// V(s). Refused without a value function.
  package func value(_ rows: PolicyRows, into values: UnsafeMutablePointer<Float>) throws(Refusal) {
    try requireValueFunction()
    try withPass { (pass) throws(Refusal) in
      try pass.stage(values, rows) { (values) throws(Refusal) in
        try forEachValueBlock(rows, 0..<rows.sequences, on: pass) { (numbers, first, count) throws(Refusal) in
          try copyChecked(numbers, to: values, first: first, count: count, "values")
        }
      }
    }
  }

  /// V(s) of some sequences, for a policy with a value function. Values may be infinite or NaN: an update that uses
  /// them checks its result and is then undone as a whole.
  func value(
    _ rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try forEachValueBlock(rows, sequences, on: pass) { numbers, first, count in
      (values + first).update(from: numbers, count: count)
    }
  }

  private func forEachValueBlock(
    _ rows: PolicyRows, _ sequences: Range<Int>, on pass: PolicyPass,
    _ body: (_ values: UnsafePointer<Float>, _ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    try forEachPlace(rows, sequences, on: pass, limit: pass.capacity) { (place) throws(Refusal) in
      let block = block(of: rows, place, on: pass)
      guard let values = pass.value(block, parameters(for: pass), advancesAll: rows.finalStates != nil) else { return }
      try body(values, place.first, place.count)
    }
  }
}
