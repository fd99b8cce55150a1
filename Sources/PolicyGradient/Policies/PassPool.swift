import KernelShims

/// Passes that the readers of a policy borrow, so that any number of threads read it at a time.
///
/// A pass is claimed by one atomic operation and never waited for. A thread that finds every kept one taken makes one
/// of its own for the call.
final class PassPool: @unchecked Sendable {
  /// How many are kept besides the first: more threads than processors gain nothing.
  private static let spareCount = 15

  private let shape: PolicyShape
  /// Made at once, so that calls on one thread allocate nothing.
  private let first: PolicyPass
  /// Each is touched only by the thread that has claimed it.
  private let spares: UnsafeMutablePointer<PolicyPass?>
  /// 1 where a pass is taken: the first, then the others.
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

  /// Calls `body` with a pass that nobody else uses meanwhile.
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
