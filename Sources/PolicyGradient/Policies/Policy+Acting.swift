extension Policy {
  /// Draws an action for each observation, with its log-probability. Each call makes new draws.
  ///
  /// - Parameters:
  ///   - masks: Which choices are allowed, ``ActionSpace/flags`` for each row; checked.
  ///   - draws: Receives the draws: pre-squash actions in squashed columns, the actions themselves in others.
  package func sample(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    actions: UnsafeMutablePointer<Float>, draws: UnsafeMutablePointer<Float>? = nil,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let key = nextDrawKey()
    do throws(Refusal) {
      try passes.withPass { (pass) throws(Refusal) in
        guard rows <= pass.capacity else {
          return try sampleBlocks(
            observations, masks: masks, rows: rows, on: pass, step: key, actions: actions, draws: draws,
            logProbabilities: logProbabilities)
        }
        try sample(
          observations, masks: masks, rows: 0..<rows, on: pass, seed: configuration.seed, step: key,
          draws: actions, logProbabilities: logProbabilities)
        draws?.update(from: actions, count: rows * space.columns)
        space.squash(actions, rows: rows)
      }
    } catch {
      returnDrawKey(key)
      throw error
    }
  }

  /// The same for several blocks. Results are copied to the caller when all blocks are drawn.
  @inline(never)
  private func sampleBlocks(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>?, rows: Int, on pass: PolicyPass, step: UInt64,
    actions: UnsafeMutablePointer<Float>, draws: UnsafeMutablePointer<Float>?,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let count = rows * space.columns
    let buffer = try pass.temporaryBuffer(count + rows)
    let logs = buffer.pointer + count
    try sample(
      observations, masks: masks, rows: 0..<rows, on: pass, seed: configuration.seed, step: step,
      draws: buffer.pointer, logProbabilities: logs)
    draws?.update(from: buffer.pointer, count: count)
    actions.update(from: buffer.pointer, count: count)
    space.squash(actions, rows: rows)
    logProbabilities?.update(from: logs, count: rows)
  }

  /// Makes the draws of some rows, with random numbers keyed by seed, step and row number.
  ///
  /// - Parameters:
  ///   - explorationStep: The key of the matrices of state-dependent exploration; `nil` to use `step`.
  ///   - results: Receives the draws: squashed columns hold pre-squash actions.
  func sample(
    _ observations: UnsafePointer<Float>, as form: ObservationForm = .raw, masks: UnsafePointer<UInt8>? = nil,
    rows: Range<Int>, on pass: PolicyPass, seed: UInt64, step: UInt64, explorationStep: UInt64? = nil,
    draws results: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let columns = space.columns
    try forEachBlock(of: observations, as: form, masks: masks, rows, on: pass) { (first, count) throws(Refusal) in
      pass.sample(seed: seed, step: step, explorationStep: explorationStep ?? step, firstRow: first)
      let drawn = pass.results.pointer
      let logs = drawn + count * columns
      // Draws and log-probabilities are neighbours, so one call checks both. Only if it fails, each is checked alone.
      if !kernels.isFinite(drawn, count * (columns + 1)) {
        try checkResults(drawn, rows: count, columns: columns, first: first, "actions")
        try checkResults(logs, rows: count, columns: 1, first: first, "log_probs")
      }
      (results + first * columns).update(from: drawn, count: count * columns)
      if let logProbabilities { (logProbabilities + first).update(from: logs, count: count) }
    }
  }

  /// Writes the deterministic action for each observation: see ``Distribution/mode(_:rows:actions:)``.
  package func mode(
    _ observations: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, rows: Int,
    actions: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try passes.withPass { (pass) throws(Refusal) in
      try pass.stage(actions, rows: rows, columns: space.columns) { (actions) throws(Refusal) in
        try forEachBlock(of: observations, as: .raw, 0..<rows, on: pass) { (first, count) throws(Refusal) in
          // The mode of outputs that are not finite may be a valid action.
          try checkResults(pass.outputs, rows: count, columns: space.outputs, first: first, "outputs of the network")
          if let masks { space.mask(pass.outputs, rows: count, by: masks + first * space.flags) }
          pass.mode(into: actions + first * space.columns)
        }
      }
    }
  }
}
