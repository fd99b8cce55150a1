extension Policy {
  /// Takes the parameters of another policy and the moments of its normaliser. Readers see all of them, or none.
  package func assign(_ source: Policy) throws(Refusal) {
    try checkComparable(source, "source")
    var theirs = source.configuration
    theirs.seed = configuration.seed
    guard theirs == configuration else {
      throw Refusal(
        .invalidArgument, "source was created with other options; it must have those of policy, except for the seed")
    }
    guard source !== self else { return }
    try published.requireNoUpdate()
    try published.prepare()
    try source.withPass { (pass) throws(Refusal) in
      let moments = pass.view?.normalizer
      guard moments != nil || normalizer == nil else {
        throw Refusal(.invalidArgument, "source does not normalise observations; it must, as policy does")
      }
      if let moments { try normalizeObservations(limit: moments.limit) }
      try published.beginUpdate()
      published.waitForReaders()
      parameters.pointer.update(from: source.parameters(for: pass), count: parameters.count)
      published.endUpdate()
      if let moments { normalizer?.restore(moments.moments) }
    }
  }
}
