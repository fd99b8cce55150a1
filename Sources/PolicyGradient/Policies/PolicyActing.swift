extension Policy {
  /// Draws an action for each observation, with its log-probability; each call draws anew.
  ///
  /// - Parameters:
  ///   - masks: Which choices are allowed, ``ActionSpace/flags`` for each row; checked.
  ///   - kept: Receives the draws, pre-squash actions in squashed columns and the actions themselves in others.
  package func sample(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    actions: UnsafeMutablePointer<Float>, keeping kept: UnsafeMutablePointer<Float>? = nil,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    guard rows <= Tape.rows else {
      return try sampleBlocks(
        observations, masks: masks, rows: rows, actions: actions, keeping: kept, logProbabilities: logProbabilities)
    }
    try sample(
      observations, masks: masks, rows: 0..<rows, on: pass, seed: configuration.seed, step: draws, drawn: actions,
      logProbabilities: logProbabilities)
    kept?.update(from: actions, count: rows * space.columns)
    space.squash(actions, rows: rows)
    draws &+= 1
  }

  /// The same for several blocks, handed over when all of them are drawn.
  @inline(never)
  private func sampleBlocks(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>?, rows: Int,
    actions: UnsafeMutablePointer<Float>, keeping kept: UnsafeMutablePointer<Float>?,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let count = rows * space.columns
    let room = try staging.room(count + rows)
    let logs = room.pointer + count
    try sample(
      observations, masks: masks, rows: 0..<rows, on: pass, seed: configuration.seed, step: draws,
      drawn: room.pointer, logProbabilities: logs)
    kept?.update(from: room.pointer, count: count)
    actions.update(from: room.pointer, count: count)
    space.squash(actions, rows: rows)
    logProbabilities?.update(from: logs, count: rows)
    draws &+= 1
  }

  /// Draws for some of the rows, with random numbers keyed by the given seed, step and a row's number.
  ///
  /// - Parameters:
  ///   - explorationStep: Keys the matrices of state-dependent exploration instead; `nil` for the step.
  ///   - results: Receives the draws: squashed columns hold pre-squash actions.
  func sample(
    _ observations: UnsafePointer<Float>, as form: ObservationForm = .raw, masks: UnsafePointer<UInt8>? = nil,
    rows: Range<Int>, on pass: ForwardPass, seed: UInt64, step: UInt64, explorationStep: UInt64? = nil,
    drawn results: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let columns = space.columns
    let noise = pass.noise.pointer
    try forEachBlock(of: observations, as: form, rows) { (block, first, count) throws(Refusal) in
      let outputs = forward(block, masks: masks, first: first, count: count, on: pass)
      pass.actorTape.exploration?.drawNoise(
        pass.actorTape.features(block), rows: count,
        DrawKey(
          seed: seed, stream: RandomStream.exploration.rawValue, step: explorationStep ?? step, firstRow: first),
        matrix: noise + Tape.rows * actor.explored.count, into: noise)
      let drawn = pass.results.pointer
      let logs = drawn + count * columns
      drawSpace.sample(
        outputs, parameters.pointer + spaceParameters, rows: count, seed: seed, step: step, firstRow: first,
        noise: actor.explored.isEmpty ? nil : UnsafePointer(noise), scratch: pass.scratch.pointer, actions: drawn,
        logProbabilities: logs)
      // Both in one go, since they lie side by side; which of them it was is asked only where one was.
      if !kernels.isFinite(drawn, count * (columns + 1)) {
        try checkResults(drawn, rows: count, columns: columns, first: first, "actions")
        try checkResults(logs, rows: count, columns: 1, first: first, "log_probs")
      }
      (results + first * columns).update(from: drawn, count: count * columns)
      if let logProbabilities { (logProbabilities + first).update(from: logs, count: count) }
    }
  }

  /// Writes the action that stands for the distribution of each observation: see ``Distribution/mode(_:rows:actions:)``.
  package func mode(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    actions: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try stage(actions, rows: rows, columns: space.columns) { (actions) throws(Refusal) in
      try forEachBlock(observations, 0..<rows, on: pass) { (_, first, count) throws(Refusal) in
        let outputs = pass.actorTape.outputs
        // A mode of numbers that are not finite may look like any other.
        try checkResults(outputs, rows: count, columns: space.outputs, first: first, "outputs of the network")
        if let masks { space.mask(outputs, rows: count, by: masks + first * space.flags) }
        space.mode(
          outputs, parameters.pointer + spaceParameters, rows: count, actions: actions + first * space.columns)
      }
    }
  }
}
