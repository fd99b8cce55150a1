extension Policy {
  private static let normalizerName = "policy.observation_normalizer"

  /// Adds a normaliser of observations, if there is one.
  func store(_ normalizer: ObservationNormalizer?, in file: inout TensorFile) {
    guard let normalizer else { return }
    normalizer.moments.store(Policy.normalizerName, in: &file)
    file.set("\(Policy.normalizerName).limit", normalizer.limit.description)
  }

  /// Reads what ``store(_:in:)`` wrote, if anything.
  func restoreNormalizer(from file: TensorFile) throws(Refusal) {
    let fields = Fields(Policy.normalizerName, in: file)
    guard fields.has("limit") else { return }
    let limit: Double = try fields.get("limit")
    guard Float(limit) > 0, Float(limit).isFinite else {
      throw Refusal(.badFile, "its normaliser's limit is \(limit); it must be above 0 and finite as a float")
    }
    let normalizer = try makeNormalizer(limit: limit)
    try normalizer.moments.restore(Policy.normalizerName, from: file)
    normalizer.refresh()
    self.normalizer = normalizer
  }

  /// Normalises the vectors of observations, but no choices and no images.
  func makeNormalizer(limit: Double) throws(Refusal) -> ObservationNormalizer {
    let parts = configuration.observationParts
    guard !parts.isEmpty else { return try ObservationNormalizer(columns: observationSize, limit: limit) }
    let places = parts.places
    let ranges = parts.indices.filter { parts[$0].kind == .vector }.map { places[$0]..<places[$0 + 1] }
    return try ObservationNormalizer(columns: observationSize, ranges: ranges, limit: limit)
  }
}
