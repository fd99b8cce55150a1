/// How a number changes over a training.
///
/// CleanRL decreases PPO's learning rate linearly; Stable-Baselines3 uses constants by default.
package enum Schedule: Int32, Sendable {
  case constant = 1
  /// Falls from its value to 0.
  case linear
  /// Falls from its value to 0 along half a cosine: slowly at the start and at the end.
  case cosine
  /// Moves with the KL divergence of each update: see ``AdaptiveControl``.
  case klAdaptive

  /// The scheduled value when the share `remaining` (1 to 0) of the training remains.
  func value(_ value: Double, _ remaining: Double) -> Double {
    switch self {
    case .constant, .klAdaptive: value
    case .linear: value * remaining
    case .cosine: value * 0.5 * (1 - cos(.pi * remaining))
    }
  }
}

extension OptionRange<Schedule> {
  /// A schedule that depends only on time.
  static var byTime: Self {
    OptionRange { (schedule, name) throws(Refusal) in
      try require(
        schedule != .klAdaptive, name, "PGRAD_KL_ADAPTIVE",
        "be PGRAD_CONSTANT, PGRAD_LINEAR or PGRAD_COSINE: only the learning rate can follow the KL divergence")
    }
  }
}

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
