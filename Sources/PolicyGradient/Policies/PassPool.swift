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
  /// One for each pass: the first, then the spares.
  private let slots: Slots

  init(_ shape: PolicyShape) throws(Refusal) {
    first = try PolicyPass(shape, stages: true)
    self.shape = shape
    spares = .allocate(capacity: PassPool.spareCount)
    spares.initialize(repeating: nil, count: PassPool.spareCount)
    slots = Slots(count: 1 + PassPool.spareCount)
  }

  deinit {
    spares.deinitialize(count: PassPool.spareCount)
    spares.deallocate()
    slots.deallocate()
  }

  /// Calls `body` with a pass that no other thread uses meanwhile.
  @inline(__always) func withPass(_ body: (PolicyPass) throws(Refusal) -> Void) throws(Refusal) {
    guard slots.claim(0) else { return try withSparePass(body) }
    defer { slots.release(0) }
    try body(first)
  }

  @inline(never) private func withSparePass(_ body: (PolicyPass) throws(Refusal) -> Void) throws(Refusal) {
    guard let slot = slots.claimAny(from: 1) else { return try body(PolicyPass(shape, stages: true)) }
    defer { slots.release(slot) }
    if let pass = spares[slot - 1] { return try body(pass) }
    let pass = try PolicyPass(shape, stages: true)
    spares[slot - 1] = pass
    try body(pass)
  }
}
