import KernelShims

/// Pauses of a thread that waits for another: first short, then longer, so that the other thread gets the processor.
struct Backoff {
  private static let spins = 128
  private static let yields = 16
  private static let nanoseconds = 50_000

  private var pauses = 0

  mutating func pause() {
    pauses += 1
    if pauses <= Backoff.spins {
      kernel_spin_hint()
    } else if pauses <= Backoff.spins + Backoff.yields {
      sched_yield()
    } else {
      // A thread of high priority that only yields would never let one of low priority run.
      var time = timespec(tv_sec: 0, tv_nsec: Backoff.nanoseconds)
      nanosleep(&time, nil)
    }
  }
}
