import KernelShims

/// Numbered slots that threads claim by one atomic operation, without waiting.
struct Slots: @unchecked Sendable {
  let count: Int
  /// 1 for each claimed slot.
  private let claims: UnsafeMutablePointer<Int64>

  init(count: Int) {
    self.count = count
    claims = .allocate(capacity: count)
    claims.initialize(repeating: 0, count: count)
  }

  func deallocate() { claims.deallocate() }

  /// Claims a slot, if it is free.
  private func claim(_ slot: Int) -> Bool { kernel_atomic_claim(claims + slot, 1) != 0 }

  func release(_ slot: Int) { kernel_atomic_release(claims + slot) }

  /// Releases what threads claimed that do not exist any more.
  func releaseAll() {
    for slot in 0..<count { release(slot) }
  }

  /// The first free slot, claimed; `nil` if all are taken.
  func claimAny() -> Int? { (0..<count).first(where: claim) }
}
