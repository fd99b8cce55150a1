import KernelShims

/// How long a call may continue an update.
enum TimeBudget {
  /// Until the update is complete.
  case unlimited
  /// Until a moment of ``MonotonicClock``.
  case until(Double)
  /// Until a number is not 0 any more, which another thread changes.
  case whileZero(UnsafePointer<Int64>)

  static func seconds(_ seconds: Double) -> TimeBudget { .until(MonotonicClock.now + seconds) }

  var isUsedUp: Bool {
    switch self {
    case .unlimited: false
    case .until(let end): MonotonicClock.now >= end
    case .whileZero(let number): kernel_atomic_load(number) != 0
    }
  }

  /// Whether work is divided into pieces, between which the budget is looked at.
  var isLimited: Bool {
    if case .unlimited = self { false } else { true }
  }
}
