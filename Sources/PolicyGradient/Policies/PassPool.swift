import KernelShims

/// Passes that the readers of a policy borrow, so that any number of threads read it at a time.
///
/// A pass is claimed by one atomic operation and never waited for. A thread that finds every kept one taken makes one of its
/// own for the call.
final class PassPool: @unchecked Sendable {
  /// How many are kept: more threads than processors gain nothing.
  private static let kept = 16

  private let shape: PolicyShape
  /// 1 where a pass is taken.
  private let claims: UnsafeMutablePointer<Int64>
  /// Each is touched only by the thread that has claimed it.
  private let passes: UnsafeMutablePointer<PolicyPass?>

  /// - Throws: `.outOfMemory`; the first pass is made at once, so that a call on one thread allocates nothing.
  init(_ shape: PolicyShape) throws(Refusal) {
    let first = try PolicyPass(shape)
    self.shape = shape
    claims = .allocate(capacity: PassPool.kept)
    claims.initialize(repeating: 0, count: PassPool.kept)
    passes = .allocate(capacity: PassPool.kept)
    passes.initialize(repeating: nil, count: PassPool.kept)
    passes[0] = first
  }

  deinit {
    passes.deinitialize(count: PassPool.kept)
    passes.deallocate()
    claims.deallocate()
  }

  /// Calls `body` with a pass that nobody else uses meanwhile.
  func withPass<Result>(_ body: (PolicyPass) throws(Refusal) -> Result) throws(Refusal) -> Result {
    for index in 0..<PassPool.kept where kernel_atomic_claim(claims + index, 1) != 0 {
      defer { kernel_atomic_release(claims + index) }
      if let pass = passes[index] { return try body(pass) }
      let pass = try PolicyPass(shape)
      passes[index] = pass
      return try body(pass)
    }
    return try body(PolicyPass(shape))
  }
}
