import KernelShims

/// A function that runs once, on a thread of its own.
///
/// In a child of `fork` the thread does not exist, and the function is ``isLost``.
final class BackgroundTask {
  private struct State {
    var isStopping: Int64 = 0
    var isFinished: Int64 = 0
    let body: (_ stop: UnsafePointer<Int64>) -> Void
  }

  private let state: UnsafeMutablePointer<State>
  private var thread = pthread_t()
  private let forks = kernel_atomic_load(Forks.count)
  private var isJoined = false

  /// Starts the function. It ends early if the number at `stop` is not 0 any more.
  ///
  /// - Returns: `nil` if the system refuses a thread.
  init?(_ body: @escaping (_ stop: UnsafePointer<Int64>) -> Void) {
    state = .allocate(capacity: 1)
    state.initialize(to: State(body: body))
    // The host's signals stay with the host's threads.
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let state = argument.assumingMemoryBound(to: State.self)
        state.pointee.body(&state.pointee.isStopping)
        kernel_atomic_store(&state.pointee.isFinished, 1)
        return nil
      }, state)
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard status == 0 else {
      isJoined = true
      return nil
    }
  }

  deinit {
    // Whatever the thread held when its process forked is never given back.
    guard !isLost else { return }
    kernel_atomic_store(&state.pointee.isStopping, 1)
    join()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Whether the thread did not survive a fork.
  var isLost: Bool { forks != kernel_atomic_load(Forks.count) }

  /// Waits until the function has returned, or the budget is used up.
  /// - Returns: Whether the function has returned.
  func wait(_ budget: TimeBudget) -> Bool {
    var backoff = Backoff()
    while budget.isLimited, !isLost, kernel_atomic_load(&state.pointee.isFinished) == 0 {
      if budget.isUsedUp { return false }
      backoff.pause()
    }
    join()
    return true
  }

  private func join() {
    guard !isJoined, !isLost else { return }
    pthread_join(thread, nil)
    isJoined = true
  }
}
