import KernelShims

/// Lets one thread at a time use an object; that thread may come back to it from a callback.
///
/// Another thread is refused rather than made to wait: what it would wait for may be a whole training, or a callback
/// that waits for this very thread.
package final class Turn {
  /// The thread whose turn it is; 0 for nobody's.
  private let owner: UnsafeMutablePointer<Int64>

  package init() {
    owner = .allocate(capacity: 1)
    owner.initialize(to: 0)
  }

  deinit { owner.deallocate() }

  /// Gives this thread its turn.
  ///
  /// - Parameter name: What a refusal calls the object.
  /// - Returns: Whether ``end()`` must follow; not where the thread has its turn already.
  package func begin(_ name: StaticString) throws(Refusal) -> Bool {
    let thread = kernel_this_thread()
    if kernel_atomic_load(owner) == thread { return false }
    guard kernel_atomic_claim(owner, thread) != 0 else {
      throw Refusal(.badState, "\(name), or what shares its policy, is in use on another thread; call one at a time")
    }
    return true
  }

  package func end() { kernel_atomic_release(owner) }
}
