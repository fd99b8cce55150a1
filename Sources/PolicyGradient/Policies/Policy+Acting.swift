extension Policy {
  /// ``sample(_:actions:draws:logProbabilities:)`` for rows that are only observations. One block of them is sampled
  /// without a `PolicyRows`, since for one row, passing this structure takes 1/20 of the time.
  package func sample(
    _ observations: UnsafePointer<Float>, rows: Int, actions: UnsafeMutablePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    guard stateSize == 0 else {
      return try sample(PolicyRows(observations, count: rows), actions: actions, logProbabilities: logProbabilities)
    }
    try withPass(drawKey: nil) { (pass, key) throws(Refusal) in
      guard rows <= pass.capacity else {
        return try sampleBlocks(
          PolicyRows(observations, count: rows), on: pass, step: key, actions: actions, draws: nil,
          logProbabilities: logProbabilities)
      }
      let block = Block(rows: rows, observations: normalized(observations, rows: rows, on: pass))
      pass.forward(block, parameters(for: pass))
      try draw(
        on: pass, first: 0, count: rows, seed: configuration.seed, step: key, explorationStep: key, draws: actions,
        logProbabilities: logProbabilities)
      space.squash(actions, rows: rows)
    }
  }

  /// Draws an action for each observation, with its log-probability. Each call makes new draws, unless the rows name
  /// the key of the draws.
  ///
  /// - Parameter draws: Receives the draws: pre-squash actions in squashed columns, the actions themselves in others.
  package func sample(
    _ rows: PolicyRows, actions: UnsafeMutablePointer<Float>, draws: UnsafeMutablePointer<Float>? = nil,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    try withPass(drawKey: rows.drawKey) { (pass, key) throws(Refusal) in
      guard !pass.stages(rows) else {
        return try sampleBlocks(
          rows, on: pass, step: key, actions: actions, draws: draws, logProbabilities: logProbabilities)
      }
      try sample(
        rows, 0..<rows.sequences, on: pass, seed: configuration.seed, step: key, draws: actions,
        logProbabilities: logProbabilities)
      draws?.update(from: actions, count: rows.count * space.columns)
      space.squash(actions, rows: rows.count)
    }
  }

  /// The same with ``PolicyPass/stages(_:)``. Results are copied to the caller when nothing can be refused any more.
  @inline(never)
  private func sampleBlocks(
    _ rows: PolicyRows, on pass: PolicyPass, step: UInt64, actions: UnsafeMutablePointer<Float>,
    draws: UnsafeMutablePointer<Float>?, logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let count = rows.count * space.columns
    let buffer = try pass.temporaryBuffer(count + rows.count)
    let logs = buffer.pointer + count
    try sample(
      rows, 0..<rows.sequences, on: pass, seed: configuration.seed, step: step, draws: buffer.pointer,
      logProbabilities: logs)
    draws?.update(from: buffer.pointer, count: count)
    actions.update(from: buffer.pointer, count: count)
    space.squash(actions, rows: rows.count)
    logProbabilities?.update(from: logs, count: rows.count)
  }

  /// Makes the draws of some sequences, with random numbers keyed by seed, step and row number.
  ///
  /// - Parameters:
  ///   - number: The number of the first row in the keys.
  ///   - explorationStep: The key of the matrices of state-dependent exploration; `nil` to use `step`.
  ///   - results: Receives the draws: squashed columns hold pre-squash actions.
  func sample(
    _ rows: PolicyRows, _ sequences: Range<Int>, from number: Int = 0, on pass: PolicyPass, seed: UInt64, step: UInt64,
    explorationStep: UInt64? = nil, draws results: UnsafeMutablePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    try forEachBlock(of: rows, sequences, on: pass) { (first, count) throws(Refusal) in
      try draw(
        on: pass, first: first, count: count, number: number + first, seed: seed, step: step,
        explorationStep: explorationStep ?? step, draws: results, logProbabilities: logProbabilities)
    }
  }

  /// Makes the draws of the block on which a pass has run.
  ///
  /// - Parameters:
  ///   - first: The block's first row, counted in the results.
  ///   - number: The number of this row in the keys of the draws.
  @inline(__always) private func draw(
    on pass: PolicyPass, first: Int, count: Int, number: Int = 0, seed: UInt64, step: UInt64, explorationStep: UInt64,
    draws results: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let columns = space.columns
    pass.sample(seed: seed, step: step, explorationStep: explorationStep, firstRow: number)
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

  /// Writes the deterministic action for each observation: see ``Distribution/mode(_:rows:actions:)``.
  package func mode(
    _ rows: PolicyRows, actions: UnsafeMutablePointer<Float>
  ) throws(Refusal) {
    try withPass { (pass) throws(Refusal) in
      try pass.stage(actions, rows, columns: space.columns) { (actions) throws(Refusal) in
        try forEachPlace(rows, 0..<rows.sequences, on: pass, limit: pass.capacity) { (place) throws(Refusal) in
          run(pass, rows, place, masks: false)
          let (first, count) = (place.first, place.count)
          // The mode of outputs that are not finite may be a valid action.
          try checkResults(pass.outputs, rows: count, columns: space.outputs, first: first, "outputs of the network")
          if let masks = rows.masks { space.mask(pass.outputs, rows: count, by: masks + first * space.flags) }
          pass.mode(into: actions + first * space.columns)
        }
      }
    }
  }
}
