import KernelShims

/// How often this process is a child of `fork`: 0 if it never was, 1 in a child, 2 in a child's child.
///
/// Threads that existed before a fork do not exist in the child, and what they held is never given back there.
enum Forks {
  /// Counted by a handler that the system runs in each child, so reading it needs no system call.
  nonisolated(unsafe) static let count: UnsafeMutablePointer<Int64> = {
    let count = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    count.initialize(to: 0)
    pthread_atfork(nil, nil) { _ = kernel_atomic_add(Forks.count, 1) }
    return count
  }()
}
