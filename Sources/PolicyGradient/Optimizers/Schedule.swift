/// How a number changes over a training.
package enum Schedule: Int32, Sendable {
  case constant = 1
  /// Falls from its value to 0.
  case linear

  /// What is left of `value` when `remaining` (1 to 0) of the training is.
  func value(_ value: Double, _ remaining: Double) -> Double {
    switch self {
    case .constant: value
    case .linear: value * remaining
    }
  }
}
