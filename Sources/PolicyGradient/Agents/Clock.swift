#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Measures steps a second of wall clock.
final class Clock {
  private var start = Clock.now
  private var startSteps: Int64 = 0

  /// Seconds since some moment in the past that does not move.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  func restart(at steps: Int64) {
    start = Clock.now
    startSteps = steps
  }

  func rate(at steps: Int64) -> Double {
    let seconds = Clock.now - start
    return steps > startSteps && seconds > 0 ? Double(steps - startSteps) / seconds : .nan
  }
}
