/// Numbers that follow how far updates move the policy, KL(π_old‖π) of an update's last epoch against the desired one.
///
/// - Source: the penalty: Schulman et al., "Proximal policy optimization algorithms" (2017), section 4. The learning
///   rate: the rule of RL Games and RSL-RL, applied once an update.
struct AdaptiveControl: Equatable {
  /// What the learning rate is multiplied by, where its schedule is KL-adaptive; stays within a factor of 100.
  var rateFactor = 1.0
  /// β of the KL penalty; stays within a factor of 2²⁰ of where it began.
  var penalty: Double
  private let firstPenalty: Double

  init(penalty: Double) {
    self.penalty = penalty
    firstPenalty = penalty
  }

  /// Follows an update that moved the policy by `divergence`.
  mutating func adapt(to divergence: Double, desired: Double) {
    guard divergence.isFinite else { return }
    if divergence > 2 * desired {
      rateFactor = max(0.01, rateFactor / 1.5)
    } else if divergence < desired / 2 {
      rateFactor = min(100, rateFactor * 1.5)
    }
    if divergence > 1.5 * desired {
      penalty = min(firstPenalty * 0x1p20, penalty * 2)
    } else if divergence < desired / 1.5 {
      penalty = max(firstPenalty * 0x1p-20, penalty / 2)
    }
  }
}
