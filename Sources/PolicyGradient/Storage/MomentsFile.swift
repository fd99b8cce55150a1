extension RunningMoments {
  /// Adds the moments as tensors "`name`.mean" and "`name`.variance", and their count to the fields.
  func store(_ name: String, in file: inout TensorFile) {
    file.set("\(name).count", count.description)
    file.add("\(name).mean", means, shape: [means.count])
    file.add("\(name).variance", variances, shape: [variances.count])
  }

  /// Takes up what ``store(_:in:)`` wrote.
  func restore(_ name: String, from file: TensorFile) throws(Refusal) {
    let known = try Fields(name, in: file).count("count")
    try file.read("\(name).mean", into: means, shape: [means.count])
    try file.read("\(name).variance", into: variances, shape: [variances.count])
    guard
      means.elements.allSatisfy({ abs($0) <= RunningMoments.largest }),
      variances.elements.allSatisfy({ $0 >= 0 && $0 <= RunningMoments.largest * RunningMoments.largest })
    else { throw Refusal(.badFile, "its \(name) holds moments that no observations have") }
    count = known
  }

  /// No mean of floats, nor of their discounted sums over any life, lies beyond; and its square is far from infinity.
  private static let largest = 1e120
}

extension Policy {
  private static let normalizerName = "policy.observation_normalizer"

  /// Adds the normaliser of observations, if there is one.
  func storeNormalizer(in file: inout TensorFile) {
    guard let normalizer else { return }
    normalizer.moments.store(Policy.normalizerName, in: &file)
    file.set("\(Policy.normalizerName).limit", normalizer.limit.description)
  }

  /// Takes up what ``storeNormalizer(in:)`` wrote, if it wrote any.
  func restoreNormalizer(from file: TensorFile) throws(Refusal) {
    let fields = Fields(Policy.normalizerName, in: file)
    guard fields.has("limit") else { return }
    let limit: Double = try fields.get("limit")
    guard Float(limit) > 0, Float(limit).isFinite else {
      throw Refusal(.badFile, "its normaliser's limit is \(limit)")
    }
    let normalizer = try ObservationNormalizer(columns: observationSize, limit: limit)
    try normalizer.moments.restore(Policy.normalizerName, from: file)
    normalizer.refresh()
    self.normalizer = normalizer
  }
}

extension RewardNormalizer {
  private static let name = "agent.reward_normalizer"

  func store(in file: inout TensorFile) {
    moments.store(RewardNormalizer.name, in: &file)
    file.add("\(RewardNormalizer.name).returns", returns, shape: [returns.count])
  }

  func restore(from file: TensorFile) throws(Refusal) {
    try moments.restore(RewardNormalizer.name, from: file)
    try file.read("\(RewardNormalizer.name).returns", into: returns, shape: [returns.count])
    guard returns.elements.allSatisfy({ abs($0) <= 1e120 }) else {
      throw Refusal(.badFile, "its running returns are not finite")
    }
  }
}
