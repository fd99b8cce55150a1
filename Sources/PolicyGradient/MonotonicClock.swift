/// A clock that nobody sets.
enum MonotonicClock {
  /// Seconds since some moment in the past that does not move.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
