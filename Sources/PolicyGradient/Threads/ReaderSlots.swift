import KernelShims

/// Numbered slots that threads hold while they read something. A writer can wait until all threads have left that held
/// a slot at some moment; it does not wait for those that came later.
///
/// To change what readers read, a writer publishes where to read from now on, calls ``noteHolders()``, and calls
/// ``waitForNotedHolders()`` before it overwrites what was read before. A reader claims its slot first and then looks
/// where to read. Claiming and leaving are one atomic operation each; no thread waits for a slot.
/// - Source: McKenney & Slingwine, "Read-copy update: using execution history to solve concurrency problems" (1998).
struct ReaderSlots: @unchecked Sendable {
  /// How many threads can hold a slot at the same time; further threads wait.
  static let capacity = 256
  /// Each slot has a cache line of its own.
  private static let stride = 8

  // Pointers alone, so that no thread counts references to what all of them share.
  private let memory: UnsafeMutableRawPointer
  /// Bit 0: whether the slot is held. Bits 1 to 31: counts claims. Upper half: ``Forks/count`` at the claim.
  private let states: UnsafeMutablePointer<Int64>
  /// The number of slots that were ever held; threads use new ones only if these are held.
  private let used: UnsafeMutablePointer<Int64>
  /// The states that a writer waits for, after their number. Only the writer uses them.
  private let noted: UnsafeMutablePointer<Int64>
  private let forks = UnsafePointer(Forks.count)

  init() throws(Refusal) {
    let lines = (ReaderSlots.capacity + 1) * ReaderSlots.stride
    let (size, alignment) = ((lines + 1 + ReaderSlots.capacity) * MemoryLayout<Int64>.stride, 64)
    guard let memory = calloc(1, size + alignment) else {
      throw Refusal(.outOfMemory, "the system has no memory for \(size) bytes")
    }
    self.memory = memory
    states = memory.alignedUp(toMultipleOf: alignment).bindMemory(to: Int64.self, capacity: size / 8)
    used = states + ReaderSlots.capacity * ReaderSlots.stride
    noted = states + lines
    used.pointee = 1
  }

  func deallocate() { free(memory) }

  // MARK: Readers

  /// Claims a slot. With one thread at a time, this is always slot 0.
  @inline(__always) func claim() -> Int {
    let used = kernel_atomic_load(used)
    let first = used == 1 ? 0 : LastSlot.ofThisThread(below: used)
    return claim(first) ? first : claimAnother()
  }

  @inline(__always) func leave(_ slot: Int) {
    let place = states + slot * ReaderSlots.stride
    // Atomically, since a thread that saw the slot free just before it was claimed still tries to claim it.
    let state = kernel_atomic_load(place)
    kernel_atomic_publish(place, state & ~0xFFFF_FFFF | (state + 1) & 0xFFFF_FFFF)
  }

  @inline(__always) private func claim(_ slot: Int) -> Bool {
    let place = states + slot * ReaderSlots.stride
    let state = kernel_atomic_load(place)
    guard state & 1 == 0 else { return false }
    return kernel_atomic_replace(place, state, kernel_atomic_load(forks) << 32 | (state + 1) & 0xFFFF_FFFF) != 0
  }

  @inline(never) private func claimAnother() -> Int {
    var backoff = Backoff()
    while true {
      let count = kernel_atomic_load(used)
      for slot in 0..<Int(count) where claim(slot) {
        LastSlot.remember(slot)
        return slot
      }
      if count < ReaderSlots.capacity {
        // First, so that a writer who does not see this number sees no claim either.
        _ = kernel_atomic_replace(used, count, count + 1)
      } else {
        backoff.pause()
      }
    }
  }

  // MARK: Writers, one at a time

  /// Notes which slots are held. Those that were noted earlier, and are still held, are among them.
  func noteHolders() {
    noted[0] = kernel_atomic_load_ordered(used)
    for slot in 0..<Int(noted[0]) {
      noted[1 + slot] = kernel_atomic_load_ordered(states + slot * ReaderSlots.stride)
    }
  }

  /// Returns when every noted holder has left its slot. Threads that a fork left behind are not waited for.
  func waitForNotedHolders() {
    for slot in 0..<Int(noted[0]) {
      let state = noted[1 + slot]
      guard state & 1 != 0 else { continue }
      var backoff = Backoff()
      while state >> 32 == kernel_atomic_load(forks),
        kernel_atomic_load(states + slot * ReaderSlots.stride) == state
      {
        backoff.pause()
      }
    }
    noted[0] = 0
  }
}

/// The slot that each thread found free when it last looked for one. It tries this slot first, so that threads do not
/// all write to one cache line.
private enum LastSlot {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  static func ofThisThread(below count: Int64) -> Int {
    let slot = Int(bitPattern: pthread_getspecific(key))
    return slot < Int(count) ? slot : 0
  }

  static func remember(_ slot: Int) { pthread_setspecific(key, UnsafeRawPointer(bitPattern: slot)) }
}

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
