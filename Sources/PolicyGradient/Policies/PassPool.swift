import KernelShims

/// A pool of passes, so that any number of threads can read a policy at the same time.
///
/// A thread claims a pass by one atomic operation and never waits. If all are taken, it makes its own for the call.
final class PassPool: @unchecked Sendable {
  /// How many passes are kept in addition to the first. More threads than processors gain nothing.
  private static let spareCount = 15

  private let shape: PolicyShape
  /// Made by `init`, so that calls on one thread allocate nothing.
  private let first: PolicyPass
  /// Only the thread that has claimed an element uses it.
  private let spares: UnsafeMutablePointer<PolicyPass?>
  /// 1 for each claimed pass: the first, then the spares.
  private let claims: UnsafeMutablePointer<Int64>

  init(_ shape: PolicyShape) throws(Refusal) {
    first = try PolicyPass(shape, stages: true)
    self.shape = shape
    spares = .allocate(capacity: PassPool.spareCount)
    spares.initialize(repeating: nil, count: PassPool.spareCount)
    claims = .allocate(capacity: 1 + PassPool.spareCount)
    claims.initialize(repeating: 0, count: 1 + PassPool.spareCount)
  }

  deinit {
    spares.deinitialize(count: PassPool.spareCount)
    spares.deallocate()
    claims.deallocate()
  }

  /// Calls `body` with a pass that no other thread uses meanwhile.
  @inline(__always) func withPass(_ body: (PolicyPass) throws(Refusal) -> Void) throws(Refusal) {
    guard kernel_atomic_claim(claims, 1) != 0 else { return try withSparePass(body) }
    defer { kernel_atomic_release(claims) }
    try body(first)
  }

  @inline(never) private func withSparePass(_ body: (PolicyPass) throws(Refusal) -> Void) throws(Refusal) {
    for index in 0..<PassPool.spareCount where kernel_atomic_claim(claims + 1 + index, 1) != 0 {
      defer { kernel_atomic_release(claims + 1 + index) }
      if let pass = spares[index] { return try body(pass) }
      let pass = try PolicyPass(shape, stages: true)
      spares[index] = pass
      return try body(pass)
    }
    try body(PolicyPass(shape, stages: true))
  }
}
