/// A moment in the future. It reads the clock so rarely that fast loops can ask after every step, and notices the
/// moment with a delay of about a millisecond, or of one step where steps take longer.
struct Deadline {
  private static let delay = 1e-3
  private static let longest = 64

  private let end: Double
  private var lastReading: Double
  /// Calls from one reading of the clock to the next, and those left until then.
  private var interval = 1
  private var callsLeft = 1

  init(after seconds: Double) {
    lastReading = MonotonicClock.now
    end = lastReading + seconds
  }

  /// Whether the moment has passed.
  mutating func isOver() -> Bool {
    callsLeft -= 1
    guard callsLeft == 0 else { return false }
    let now = MonotonicClock.now
    interval = now - lastReading < Deadline.delay / 2 ? min(2 * interval, Deadline.longest) : max(1, interval / 2)
    (lastReading, callsLeft) = (now, interval)
    return now >= end
  }
}
