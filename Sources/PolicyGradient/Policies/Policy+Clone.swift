extension Policy {
  /// A policy of its own with the same configuration, parameters, normaliser, draws and note, as a reader on any thread
  /// sees them.
  package func clone() throws(Refusal) -> Policy {
    let clone = try Policy(uninitialized: configuration)
    try withPass { (pass) throws(Refusal) in
      clone.parameters.pointer.update(from: parameters(for: pass), count: parameters.count)
      clone.normalizer = try pass.view?.normalizer?.copy()
    }
    clone.draws = draws
    try clone.setNote(note)
    return clone
  }
}
