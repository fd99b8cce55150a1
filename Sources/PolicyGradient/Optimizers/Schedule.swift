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
