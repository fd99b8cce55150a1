/// Adapts the learning rate and the KL penalty, so that KL(π_old‖π) of an update's last epoch approaches the desired
/// KL.
///
/// - Source: the penalty: Schulman et al., "Proximal policy optimization algorithms" (2017), section 4. The learning
///   rate: the rule of RL Games and RSL-RL, applied once an update.
struct AdaptiveControl: Equatable {
  /// The factor on the learning rate if its schedule is KL-adaptive; 0.01 to 100.
  var rateFactor = 1.0
  /// β of the KL penalty; stays within a factor of 2²⁰ of its first value.
  var penalty: Double
  private let firstPenalty: Double

  init(penalty: Double) {
    self.penalty = penalty
    firstPenalty = penalty
  }

  /// Adapts to an update with KL(π_old‖π) = `divergence`.
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
