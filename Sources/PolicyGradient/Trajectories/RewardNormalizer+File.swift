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
