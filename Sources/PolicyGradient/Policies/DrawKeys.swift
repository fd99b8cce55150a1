import KernelShims

/// Keys for the draws of calls; no two calls get the same. Calls that follow each other get 0, 1, 2, …
///
/// Threads that draw at the same time hold different slots of ``ReaderSlots``. Each slot takes a portion of keys at a
/// time, so that seldom two threads write to the same cache line. Calls that never overlap use slot 0 alone.
final class DrawKeys {
  /// How many keys a slot takes at a time.
  static let portion: Int64 = 32
  /// Numbers in a cache line.
  private static let stride = 8
  private enum Word { static let next = 0, end = 1 }

  /// The first key that no slot has taken, and for each slot its next key and the end of its portion, in cache lines of
  /// their own.
  private let lines: Buffer<Int64>
  private let slotCount: Int

  /// - Parameter slots: How many slots take portions. Those with higher numbers take single keys.
  init(slots: Int) throws(Refusal) {
    slotCount = slots
    lines = try Buffer(count: (1 + slots) * Self.stride)
  }

  private var firstFree: UnsafeMutablePointer<Int64> { lines.pointer }

  private func line(_ slot: Int) -> UnsafeMutablePointer<Int64> { lines.pointer + (1 + slot) * Self.stride }

  /// The next key for the thread that holds a slot.
  @inline(__always) func take(_ slot: Int) -> UInt64 {
    guard slot < slotCount else { return UInt64(bitPattern: kernel_atomic_add(firstFree, 1)) }
    let own = line(slot)
    if own[Word.next] == own[Word.end] { takePortion(own) }
    let key = own[Word.next]
    kernel_atomic_publish(own + Word.next, key &+ 1)
    return UInt64(bitPattern: key)
  }

  @inline(never) private func takePortion(_ own: UnsafeMutablePointer<Int64>) {
    let first = kernel_atomic_add(firstFree, Self.portion)
    kernel_atomic_publish(own + Word.next, first)
    kernel_atomic_publish(own + Word.end, first &+ Self.portion)
  }

  /// Gives back the key that a slot has just taken.
  func giveBack(_ key: UInt64, _ slot: Int) {
    let key = Int64(bitPattern: key)
    guard slot < slotCount else { return _ = kernel_atomic_replace(firstFree, key &+ 1, key) }
    kernel_atomic_publish(line(slot) + Word.next, key)
  }

  /// A key that no call has taken, nor any after it. The number of calls, unless calls have overlapped.
  ///
  /// Set before the first call.
  var next: UInt64 {
    get {
      let end = kernel_atomic_load(firstFree)
      let last = (0..<slotCount).first { kernel_atomic_load(line($0) + Word.end) == end }
      return UInt64(bitPattern: last.map { kernel_atomic_load(line($0) + Word.next) } ?? end)
    }
    set { kernel_atomic_store(firstFree, Int64(bitPattern: newValue)) }
  }
}
