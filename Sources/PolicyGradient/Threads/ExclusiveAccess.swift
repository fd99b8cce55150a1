import KernelShims

/// Lets one thread at a time use an object. That thread may use it again from within a callback.
///
/// Another thread is refused and does not wait: it might wait for a whole training, or for a callback that waits for
/// it in turn.
package final class ExclusiveAccess {
  /// The thread that has access; 0 for none.
  private let owner: UnsafeMutablePointer<Int64>

  package init() {
    owner = .allocate(capacity: 1)
    owner.initialize(to: 0)
  }

  deinit { owner.deallocate() }

  /// Gives this thread access.
  ///
  /// - Parameter name: The name of the object in a refusal.
  /// - Returns: Whether ``end()`` must follow: `false` if the thread already had access.
  package func begin(_ name: StaticString) throws(Refusal) -> Bool {
    let thread = kernel_this_thread()
    if kernel_atomic_load(owner) == thread { return false }
    guard kernel_atomic_claim(owner, thread) != 0 else {
      throw Refusal(
        .badState,
        "\(name), or an object that shares its policy, is in use on another thread, or by the call that made this "
          + "callback; make one call at a time")
    }
    return true
  }

  package func end() { kernel_atomic_release(owner) }

  /// Calls `body`, in which no thread gets access: not even this one, which has it.
  package func suspended<Result>(_ body: () -> Result) -> Result {
    let thread = kernel_atomic_load(owner)
    kernel_atomic_store(owner, Self.nobody)
    defer { kernel_atomic_store(owner, thread) }
    return body()
  }

  /// Identifies no thread.
  private static let nobody: Int64 = -1
}
