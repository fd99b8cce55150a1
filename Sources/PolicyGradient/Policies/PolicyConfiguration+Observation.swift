extension PolicyConfiguration {
  /// Refuses parts of the observation and an encoder that are out of range, and a size that does not fit them.
  func validateObservationParts() throws(Refusal) {
    try require(observationParts.count, in: 0...Limits.parts, "observation_part_count")
    try validateEncoder()
    for (index, part) in observationParts.enumerated() {
      try part.validate("observation_parts[\(index)]", encoder(for:))
    }
    guard let columns = observationParts.places.last, !observationParts.isEmpty else { return }
    try require(
      observationSize == columns, "observation_size", "\(observationSize)",
      "be the columns of observation_parts, \(columns)")
    try require(
      features <= Limits.elements / 64, "the sum of the features of observation_parts", "\(features)",
      "be at most \(Limits.elements / 64)")
  }

  /// Numbers that the first layer reads: the observation, or the features of its parts.
  var features: Int {
    observationParts.isEmpty ? observationSize : observationParts.reduce(0) { $0 + $1.features(encoder(for:)) }
  }
}
