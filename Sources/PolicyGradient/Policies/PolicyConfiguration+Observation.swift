extension PolicyConfiguration {
  /// Refuses parts of the observation that are out of range, and an encoder or a size that does not fit them.
  func validateObservationParts() throws(Refusal) {
    try require(observationParts.count, in: 0...Limits.parts, "observation_part_count")
    for (index, part) in observationParts.enumerated() { try part.validate("observation_parts[\(index)]", encoder) }
    let hasImages = observationParts.contains { $0.kind == .image }
    try require(
      hasImages || encoder == .automatic, "encoder", "\(encoder.rawValue)",
      "be PGRAD_ENCODER_AUTO without images in observation_parts")
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
    observationParts.isEmpty ? observationSize : observationParts.reduce(0) { $0 + $1.features(encoder) }
  }
}
