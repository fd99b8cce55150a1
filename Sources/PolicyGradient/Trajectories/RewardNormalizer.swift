/// Divides rewards by the standard deviation of the running discounted return R of each environment.
///
///     R ← γ R + r, 0 after an episode's end;   r̂ = clip(r / √(Var(R) + 10⁻⁸), ±limit)
///
/// So the targets of the value function have a size of about 1, whatever the units of the rewards. Signs do not change,
/// and 0 stays 0. All rewards of a rollout are divided by the deviation at its end. Stable-Baselines3's VecNormalize
/// and Gymnasium's NormalizeReward use the same R and limit 10, but divide each reward by the deviation at its step,
/// which makes the first ones too large.
final class RewardNormalizer {
  /// R of each environment.
  let returns: Buffer<Double>
  let moments: RunningMoments
  private let gamma: Double
  private let limit: Float

  init(environments: Int, gamma: Double, limit: Double) throws(Refusal) {
    returns = try Buffer(count: environments)
    moments = try RunningMoments(columns: 1)
    self.gamma = gamma
    self.limit = Float(limit)
  }

  /// A normaliser that shares the moments of another, with returns of its own, which start at 0.
  init(sharingMomentsOf other: RewardNormalizer) throws(Refusal) {
    returns = try Buffer(count: other.returns.count)
    moments = other.moments
    gamma = other.gamma
    limit = other.limit
  }

  /// Called when every environment is at the start of an episode.
  func begin() { returns.elements.update(repeating: 0) }

  /// Adds the rewards of one step, of the environments for which `isActive` is true.
  func observe(_ rewards: UnsafePointer<Float>, isActive: (Int) -> Bool, hasEnded: (Int) -> Bool) {
    for environment in 0..<returns.count where isActive(environment) {
      returns.pointer[environment] = gamma * returns.pointer[environment] + Double(rewards[environment])
    }
    moments.merge(rows: returns.count, isIncluded: isActive) { environment, _ in returns.pointer[environment] }
    for environment in 0..<returns.count where isActive(environment) && hasEnded(environment) {
      returns.pointer[environment] = 0
    }
  }

  /// Writes normalised rewards.
  func normalize(_ rewards: UnsafePointer<Float>, count: Int, into normalized: UnsafeMutablePointer<Float>) {
    let scale = moments.scale(0)
    for row in 0..<count {
      let value = Float(Double(rewards[row]) * scale)
      normalized[row] = value < -limit ? -limit : value > limit ? limit : value
    }
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
