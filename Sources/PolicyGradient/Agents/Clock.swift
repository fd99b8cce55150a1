/// Measures steps per second of wall-clock time.
final class Clock {
  private var start = MonotonicClock.now
  private var startSteps: Int64 = 0

  func restart(at steps: Int64) {
    start = MonotonicClock.now
    startSteps = steps
  }

  func rate(at steps: Int64) -> Double {
    let seconds = MonotonicClock.now - start
    return steps > startSteps && seconds > 0 ? Double(steps - startSteps) / seconds : .nan
  }
}
