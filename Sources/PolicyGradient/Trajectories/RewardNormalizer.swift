/// Divides rewards by the standard deviation of the discounted return as it builds up in each environment.
///
///     R ← γ R + r, 0 after an episode's end;   r̂ = clip(r / √(Var(R) + 10⁻⁸), ±limit)
///
/// So the value function meets targets of size 1 whatever the world's units. The sign and the zero of rewards stay. A
/// whole rollout is divided by the deviation known at its end. Stable-Baselines3's VecNormalize and Gymnasium's
/// NormalizeReward use the same R and limit 10, but divide each reward by what was known as it came, which inflates the
/// first ones.
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

  /// Called when every environment is at the start of an episode.
  func begin() { returns.elements.update(repeating: 0) }

  /// Takes the rewards of one step, of those environments that lived it.
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
