import KernelShims
import PolicyGradient

/// Makes handles of objects for C, and finds the objects again.
///
/// A handle holds the number of a slot and how often that slot has been used. A stale, foreign or invented handle does
/// not match its slot and is refused; it is never followed as an address. A thread announces which handle it uses, and
/// then checks that the handle is valid. A destroyed object is released by its last user. Nothing here waits or takes a
/// lock, so a child of `fork` can continue whatever other threads were doing.
/// - Source: Michael, "Hazard pointers: safe memory reclamation for lock-free objects" (2004).
enum Handles {
  private struct Slot {
    /// How often the slot was used, whether its handle is valid or its object still to be released, and the number of
    /// users that found no place for an announcement: see ``SlotState``.
    var state: Int64
    /// In a free slot: the next free slot plus 1, or 0 for none.
    var nextFree: Int64
    /// Read by users only.
    var object: Unmanaged<AnyObject>?
  }

  /// The fields of a slot's state.
  private enum SlotState {
    static let oneUser: Int64 = 1
    static let users: Int64 = 1 << 24 - 1
    static let isValid: Int64 = 1 << 24
    static let isDestroyed: Int64 = 1 << 25
    static let oneUse: Int64 = 1 << 26
  }

  private static let capacity = 1 << 20
  private static let indexBits = 20
  /// Distinguishes handles from small numbers, and from addresses, which are even.
  private static let mark: UInt = 0b101

  /// What all threads share.
  private struct Table {
    let slots: UnsafeMutablePointer<Slot>
    /// Slots used so far.
    let used: UnsafeMutablePointer<Int64>
    /// Lower half: the first free slot plus 1, or 0 for none. Upper half: how often this changed.
    let firstFree: UnsafeMutablePointer<Int64>
    /// The handles that threads use, each in a cache line of its own; 0 where there is none.
    let announcements: UnsafeMutablePointer<Int64>
  }

  private static let announcementCount = 256
  private static let announcementStride = 8

  // Pages from calloc take memory only when they are first written, so unused slots cost nothing.
  nonisolated(unsafe) private static let table: Table? = {
    guard let slots = calloc(capacity, MemoryLayout<Slot>.stride), let counters = calloc(2, MemoryLayout<Int64>.stride),
      let lines = calloc(announcementCount + 1, announcementStride * MemoryLayout<Int64>.stride)
    else { return nil }
    let numbers = counters.bindMemory(to: Int64.self, capacity: 2)
    return Table(
      slots: slots.bindMemory(to: Slot.self, capacity: capacity), used: numbers, firstFree: numbers + 1,
      announcements: lines.alignedUp(toMultipleOf: 64).bindMemory(
        to: Int64.self, capacity: announcementCount * announcementStride))
  }()

  /// Makes a handle of the object, which stays alive until ``destroy(_:_:)``.
  static func create(for object: AnyObject) throws(Refusal) -> OpaquePointer {
    guard let table else { throw Refusal(.outOfMemory, "the system has no memory for handles") }
    let index = try takeSlot(table)
    let slot = table.slots + index
    slot.pointee.object = Unmanaged.passRetained(object)
    let uses = kernel_atomic_load(&slot.pointee.state) / SlotState.oneUse + 1
    let bits = (UInt(uses) << indexBits | UInt(index)) << 3 | mark
    guard let handle = OpaquePointer(bitPattern: bits) else {
      throw Refusal(.outOfMemory, "no handle is left")
    }
    kernel_atomic_store(&slot.pointee.state, uses * SlotState.oneUse | SlotState.isValid)
    return handle
  }

  /// Calls `body` with the object behind a handle and keeps it alive during the call.
  /// - Returns: `nil` if the handle is not valid.
  @inline(__always)
  static func withReference<Result>(
    _ handle: OpaquePointer?, _ body: (Unmanaged<AnyObject>) throws(Refusal) -> Result
  ) throws(Refusal) -> Result? {
    guard let table, let use = begin(table, handle) else { return nil }
    defer { end(table, use) }
    guard let object = use.slot.pointee.object else { return nil }
    return try body(object)
  }

  /// The object behind a handle; `nil` if the handle is not valid.
  static func object(_ handle: OpaquePointer?) -> AnyObject? {
    guard let table, let use = begin(table, handle) else { return nil }
    defer { end(table, use) }
    return use.slot.pointee.object?.takeUnretainedValue()
  }

  /// Makes the handle invalid. The object is released at once, or by its last user. An invalid handle changes nothing.
  static func destroy<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) {
    guard let table, let use = begin(table, handle) else { return }
    defer { end(table, use) }
    guard use.slot.pointee.object?.takeUnretainedValue() is Object else { return }
    var state = kernel_atomic_load(&use.slot.pointee.state)
    // Another thread may destroy the same handle first.
    while state & SlotState.isValid != 0,
      kernel_atomic_replace(
        &use.slot.pointee.state, state, state & ~SlotState.isValid | SlotState.isDestroyed) == 0
    {
      state = kernel_atomic_load(&use.slot.pointee.state)
    }
  }

  // MARK: Users

  /// One thread's use of a handle.
  private struct Use {
    let slot: UnsafeMutablePointer<Slot>
    let bits: Int64
    /// Where the use is announced; `nil` if it is counted in the slot instead.
    let announcement: UnsafeMutablePointer<Int64>?
  }

  /// Begins a use, if the handle is valid.
  @inline(__always)
  private static func begin(_ table: Table, _ handle: OpaquePointer?) -> Use? {
    let bits = UInt(bitPattern: handle)
    let uses = bits >> (3 + UInt(indexBits))
    guard bits & 0b111 == mark, uses < 1 << 37 else { return nil }
    let slot = table.slots + Int(bits >> 3) & (capacity - 1)
    let expected = Int64(uses) * SlotState.oneUse | SlotState.isValid
    let number = Int64(bitPattern: UInt64(bits))
    // Threads start at different places, so that each writes to a cache line of its own.
    let place = table.announcements + preferredAnnouncement() * announcementStride
    guard kernel_atomic_replace(place, 0, number) != 0 else { return beginElsewhere(table, slot, number, expected) }
    let use = Use(slot: slot, bits: number, announcement: place)
    guard kernel_atomic_load_ordered(&slot.pointee.state) & ~SlotState.users == expected else {
      end(table, use)
      return nil
    }
    return use
  }

  @inline(__always)
  private static func preferredAnnouncement() -> Int {
    let thread = UInt64(bitPattern: kernel_this_thread())
    return Int((thread >> 6 &* 0x9E37_79B9_7F4A_7C15) >> 56)
  }

  /// Begins a use if another use has this thread's place: in another place, or counted in the slot.
  @inline(never)
  private static func beginElsewhere(
    _ table: Table, _ slot: UnsafeMutablePointer<Slot>, _ bits: Int64, _ expected: Int64
  ) -> Use? {
    let first = preferredAnnouncement()
    for step in 1..<announcementCount {
      let place = table.announcements + (first + step) % announcementCount * announcementStride
      guard kernel_atomic_replace(place, 0, bits) != 0 else { continue }
      let use = Use(slot: slot, bits: bits, announcement: place)
      if kernel_atomic_load_ordered(&slot.pointee.state) & ~SlotState.users == expected { return use }
      end(table, use)
      return nil
    }
    var state = kernel_atomic_load(&slot.pointee.state)
    while state & ~SlotState.users == expected {
      if kernel_atomic_replace(&slot.pointee.state, state, state + SlotState.oneUser) != 0 {
        return Use(slot: slot, bits: bits, announcement: nil)
      }
      state = kernel_atomic_load(&slot.pointee.state)
    }
    return nil
  }

  @inline(__always)
  private static func end(_ table: Table, _ use: Use) {
    if let place = use.announcement {
      kernel_atomic_store(place, 0)
    } else {
      _ = kernel_atomic_add(&use.slot.pointee.state, -SlotState.oneUser)
    }
    // If this use kept another thread from releasing the object, this thread sees here that it is destroyed.
    if kernel_atomic_load_ordered(&use.slot.pointee.state) & SlotState.isDestroyed != 0 { retire(table, use) }
  }

  /// Releases a destroyed object, unless it is in use or another thread releases it.
  @inline(never)
  private static func retire(_ table: Table, _ use: Use) {
    let uses = use.bits >> Int64(3 + indexBits)
    let state = uses * SlotState.oneUse | SlotState.isDestroyed
    for index in 0..<announcementCount
    where kernel_atomic_load_ordered(table.announcements + index * announcementStride) == use.bits { return }
    // Fails if users are counted, or if another thread was first.
    guard kernel_atomic_replace(&use.slot.pointee.state, state, uses * SlotState.oneUse) != 0 else { return }
    let object = use.slot.pointee.object
    use.slot.pointee.object = nil
    freeSlot(table, use.slot - table.slots)
    // Last, because a host's destroy callback may call the library again.
    object?.release()
  }

  // MARK: Free slots

  // A stack without locks. Its head counts changes, so that a delayed thread does not mistake a new state for an old
  // one.
  // - Source: Treiber, "Systems programming: coping with parallelism" (1986).

  private static func takeSlot(_ table: Table) throws(Refusal) -> Int {
    while true {
      let head = kernel_atomic_load(table.firstFree)
      let first = head & 0xFFFF_FFFF
      guard first > 0 else { break }
      let next = kernel_atomic_load(&table.slots[Int(first - 1)].nextFree)
      if kernel_atomic_replace(table.firstFree, head, changed(head, to: next)) != 0 { return Int(first - 1) }
    }
    while true {
      let used = kernel_atomic_load(table.used)
      guard used < capacity else { throw Refusal(.outOfMemory, "\(capacity) objects are alive; destroy some first") }
      if kernel_atomic_replace(table.used, used, used + 1) != 0 { return Int(used) }
    }
  }

  private static func freeSlot(_ table: Table, _ index: Int) {
    while true {
      let head = kernel_atomic_load(table.firstFree)
      kernel_atomic_store(&table.slots[index].nextFree, head & 0xFFFF_FFFF)
      if kernel_atomic_replace(table.firstFree, head, changed(head, to: Int64(index) + 1)) != 0 { return }
    }
  }

  private static func changed(_ head: Int64, to first: Int64) -> Int64 {
    (head >> 32 &+ 1) << 32 | first
  }
}
