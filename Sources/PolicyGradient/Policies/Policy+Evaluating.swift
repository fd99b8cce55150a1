extension Policy {
  /// log π(a|s) of given actions, or of given draws.
  package func logProbability(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, _ actions: UnsafePointer<Float>,
    areDraws: Bool = false, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try logProbability(
      observations, as: .raw, masks: masks, actions, areDraws: areDraws, rows: rows, into: logProbabilities)
  }

  func logProbability(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, masks: UnsafePointer<UInt8>? = nil,
    _ actions: UnsafePointer<Float>, areDraws: Bool, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try passes.withPass { (pass) throws(Refusal) in
      try pass.stage(logProbabilities, rows: rows) { (logs) throws(Refusal) in
        try forEachBlock(of: observations, as: form, masks: masks, 0..<rows, on: pass) {
          (first, count) throws(Refusal) in
          pass.logProbability(actions + first * space.columns, areDraws: areDraws, into: pass.results.pointer)
          try copyChecked(pass.results.pointer, to: logs, first: first, count: count, "log_probs")
        }
      }
    }
  }

  /// H(π(·|s)), in nats.
  package func entropy(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    into entropies: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try passes.withPass { (pass) throws(Refusal) in
      try pass.stage(entropies, rows: rows) { (entropies) throws(Refusal) in
        try forEachBlock(of: observations, as: .raw, masks: masks, 0..<rows, on: pass) {
          (first, count) throws(Refusal) in
          pass.entropy(into: pass.results.pointer)
          try copyChecked(pass.results.pointer, to: entropies, first: first, count: count, "entropies")
        }
      }
    }
  }

  /// KL(π ‖ other) of each observation. `other` has the same observation size and action space.
  package func divergence(
    from other: Policy, _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    into divergences: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try passes.withPass { (pass) throws(Refusal) in
      guard other !== self else {
        return try divergence(from: self, on: pass, pass, observations, masks, rows, divergences)
      }
      try other.passes.withPass { (otherPass) throws(Refusal) in
        try divergence(from: other, on: pass, otherPass, observations, masks, rows, divergences)
      }
    }
  }

  private func divergence(
    from other: Policy, on pass: PolicyPass, _ otherPass: PolicyPass, _ observations: UnsafePointer<Float>,
    _ masks: UnsafePointer<UInt8>?, _ rows: Int, _ divergences: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try pass.stage(divergences, rows: rows) { (divergences) throws(Refusal) in
      // The other policy may have another block size.
      let size = min(pass.capacity, otherPass.capacity)
      for first in stride(from: 0, to: rows, by: size) {
        let count = min(size, rows - first)
        run(pass, observations, as: .raw, masks: masks, first: first, count: count)
        if other !== self { other.run(otherPass, observations, as: .raw, masks: masks, first: first, count: count) }
        pass.divergence(from: otherPass, into: pass.results.pointer)
        try copyChecked(pass.results.pointer, to: divergences, first: first, count: count, "kls")
      }
    }
  }

  /// V(s). Refused without a value function.
  package func value(
    _ observations: UnsafePointer<Float>, rows: Int, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try requireValueFunction()
    try passes.withPass { (pass) throws(Refusal) in
      try pass.stage(values, rows: rows) { (values) throws(Refusal) in
        try forEachValueBlock(observations, as: .raw, 0..<rows, on: pass) { (numbers, first, count) throws(Refusal) in
          try copyChecked(numbers, to: values, first: first, count: count, "values")
        }
      }
    }
  }

  /// V(s) of some rows, for a policy with a value function. Values may be infinite or NaN: an update that uses them
  /// checks its result and is then undone as a whole.
  func value(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, rows: Range<Int>, on pass: PolicyPass,
    into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try forEachValueBlock(observations, as: form, rows, on: pass) { numbers, first, count in
      (values + first).update(from: numbers, count: count)
    }
  }

  private func forEachValueBlock(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, _ rows: Range<Int>, on pass: PolicyPass,
    _ body: (_ values: UnsafePointer<Float>, _ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    try forEachBlock(rows, on: pass) { (first, count) throws(Refusal) in
      let block = block(observations, as: form, first: first, count: count, on: pass)
      guard let values = pass.value(block, parameters.pointer) else { return }
      try body(values, first, count)
    }
  }
}
