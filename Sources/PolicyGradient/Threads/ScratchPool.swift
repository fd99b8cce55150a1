/// Scratch objects, of which each thread uses another during a call. The first is made by `init`, so that calls on one
/// thread allocate nothing; further ones are made when threads need them.
final class ScratchPool<Scratch: AnyObject>: @unchecked Sendable {
  /// How many objects are kept. If more threads than that use the pool at the same time, they make their own for the
  /// call: more threads than processors gain nothing.
  static var keptCount: Int { 16 }

  let slots: ReaderSlots
  private let first: Scratch
  /// Only the thread that holds the slot of an element uses it.
  private let others: UnsafeMutablePointer<Scratch?>
  private let make: () throws(Refusal) -> Scratch

  init(_ make: @escaping () throws(Refusal) -> Scratch) throws(Refusal) {
    first = try make()
    slots = try ReaderSlots()
    self.make = make
    others = .allocate(capacity: Self.keptCount)
    others.initialize(repeating: nil, count: Self.keptCount)
  }

  deinit {
    others.deinitialize(count: Self.keptCount)
    others.deallocate()
    slots.deallocate()
  }

  /// Calls `body` with an object that no other thread uses meanwhile, and with the number of the slot.
  ///
  /// The body is inlined once, for all slots. Passed on as a closure it would count references to what it captures, and
  /// all threads would wait for one count.
  @inline(__always) func withScratch(_ body: (Scratch, _ slot: Int) throws(Refusal) -> Void) throws(Refusal) {
    let slot = slots.claim()
    defer { slots.leave(slot) }
    let scratch = slot == 0 ? Unmanaged.passUnretained(first) : try other(slot)
    defer { if slot >= Self.keptCount { scratch.release() } }
    let refusal: Refusal? = scratch._withUnsafeGuaranteedRef { scratch in
      do throws(Refusal) {
        try body(scratch, slot)
        return nil
      } catch {
        return error
      }
    }
    if let refusal { throw refusal }
  }

  /// The object of a slot other than the first. If it is not kept, the caller releases it.
  @inline(never) private func other(_ slot: Int) throws(Refusal) -> Unmanaged<Scratch> {
    guard slot < Self.keptCount else { return .passRetained(try make()) }
    if let scratch = others[slot] { return .passUnretained(scratch) }
    let scratch = try make()
    others[slot] = scratch
    return .passUnretained(scratch)
  }
}
