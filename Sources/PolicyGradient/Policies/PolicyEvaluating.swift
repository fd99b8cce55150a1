extension Policy {
  /// log π(a|s) of given actions, or of given draws.
  package func logProbability(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, _ actions: UnsafePointer<Float>,
    areDraws: Bool = false, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try stage(logProbabilities, rows: rows) { (logs) throws(Refusal) in
      try logProbability(observations, as: .raw, masks: masks, actions, areDraws: areDraws, rows: rows, into: logs)
    }
  }

  func logProbability(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, masks: UnsafePointer<UInt8>? = nil,
    _ actions: UnsafePointer<Float>, areDraws: Bool, rows: Int, into logProbabilities: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    let space = areDraws ? drawSpace : space
    try forEachBlock(observations, as: form, masks: masks, 0..<rows, on: pass) {
      (outputs, first, count) throws(Refusal) in
      space.logProbability(
        outputs, parameters.pointer + spaceParameters, rows: count, actions: actions + first * space.columns,
        into: pass.results.pointer)
      try hand(pass.results.pointer, to: logProbabilities, first: first, count: count, "log_probs")
    }
  }

  /// H(π(·|s)), in nats.
  package func entropy(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    into entropies: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try stage(entropies, rows: rows) { (entropies) throws(Refusal) in
      try forEachBlock(observations, masks: masks, 0..<rows, on: pass) { (outputs, first, count) throws(Refusal) in
        space.entropy(outputs, parameters.pointer + spaceParameters, rows: count, into: pass.results.pointer)
        try hand(pass.results.pointer, to: entropies, first: first, count: count, "entropies")
      }
    }
  }

  /// KL(π ‖ other) of each observation; `other` sees as many numbers and acts in the same space.
  package func divergence(
    from other: Policy, _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    into divergences: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    let (own, others) = (parameters.pointer + spaceParameters, other.parameters.pointer + other.spaceParameters)
    try stage(divergences, rows: rows) { (divergences) throws(Refusal) in
      try forEachBlock(observations, masks: masks, 0..<rows, on: pass) { (outputs, first, count) throws(Refusal) in
        if other !== self {
          let block = other.seen(observations + first * observationSize, rows: count)
          other.pass.actorTape.forward(block, rows: count, parameters: other.parameters.pointer)
          if let masks { space.mask(other.pass.actorTape.outputs, rows: count, by: masks + first * space.flags) }
        }
        space.divergence(
          outputs, own, from: other.space, other.pass.actorTape.outputs, others, rows: count,
          into: pass.results.pointer)
        try hand(pass.results.pointer, to: divergences, first: first, count: count, "kls")
      }
    }
  }

  /// V(s); refused without a value function.
  package func value(
    _ observations: UnsafePointer<Float>, rows: Int, into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    guard hasValueFunction else {
      throw Refusal(.badState, "the policy has no value function; create it with value_function = 1")
    }
    try stage(values, rows: rows) { (values) throws(Refusal) in
      try forEachValueBlock(observations, as: .raw, 0..<rows, on: pass) { (numbers, first, count) throws(Refusal) in
        try hand(numbers, to: values, first: first, count: count, "values")
      }
    }
  }

  /// V(s) of some of the rows by a policy that has it, finite or not: an update that goes by values notices in the end, and
  /// is undone as a whole.
  func value(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, rows: Range<Int>, on pass: ForwardPass,
    into values: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try forEachValueBlock(observations, as: form, rows, on: pass) { numbers, first, count in
      (values + first).update(from: numbers, count: count)
    }
  }

  private func forEachValueBlock(
    _ observations: UnsafePointer<Float>, as form: ObservationForm, _ rows: Range<Int>, on pass: ForwardPass,
    _ body: (_ values: UnsafePointer<Float>, _ first: Int, _ count: Int) throws(Refusal) -> Void
  ) throws(Refusal) {
    guard let critic, let criticTape = pass.criticTape else { return }
    try forEachBlock(of: observations, as: form, rows) { (block, first, count) throws(Refusal) in
      let inputs =
        critic.hasTrunk ? pass.actorTape.forwardTrunk(block, rows: count, parameters: parameters.pointer) : block
      criticTape.forward(inputs, rows: count, parameters: parameters.pointer)
      try body(criticTape.outputs, first, count)
    }
  }
}
