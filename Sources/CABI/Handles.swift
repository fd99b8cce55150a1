import KernelShims
import PolicyGradient

/// Makes handles of objects for C, and finds the objects again.
///
/// A handle holds the number of a slot and how often that slot has been used. A stale, foreign or invented handle does
/// not match its slot and is refused; it is never followed as an address. Finding an object and keeping it alive are
/// one atomic step, which adds a user to the slot if the handle is valid. A destroyed object is released by its last
/// user. Nothing here waits or takes a lock, so a child of `fork` can continue whatever other threads were doing.
enum Handles {
  private struct Slot {
    /// How often the slot was used, whether its handle is valid, and the number of users: see ``SlotState``.
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
    static let oneUse: Int64 = 1 << 25
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
  }

  // Pages from calloc take memory only when they are first written, so unused slots cost nothing.
  nonisolated(unsafe) private static let table: Table? = {
    guard let slots = calloc(capacity, MemoryLayout<Slot>.stride), let counters = calloc(2, MemoryLayout<Int64>.stride)
    else { return nil }
    let numbers = counters.bindMemory(to: Int64.self, capacity: 2)
    return Table(
      slots: slots.bindMemory(to: Slot.self, capacity: capacity), used: numbers, firstFree: numbers + 1)
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
    guard let table, let slot = addUser(table, handle), let object = slot.pointee.object else { return nil }
    defer { removeUser(table, slot) }
    return try body(object)
  }

  /// The object behind a handle; `nil` if the handle is not valid.
  static func object(_ handle: OpaquePointer?) -> AnyObject? {
    guard let table, let slot = addUser(table, handle) else { return nil }
    defer { removeUser(table, slot) }
    return slot.pointee.object?.takeUnretainedValue()
  }

  /// Makes the handle invalid. The object is released at once, or by its last user. An invalid handle changes nothing.
  static func destroy<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) {
    guard let table, let slot = addUser(table, handle) else { return }
    defer { removeUser(table, slot) }
    guard slot.pointee.object?.takeUnretainedValue() is Object else { return }
    var state = kernel_atomic_load(&slot.pointee.state)
    // Another thread may destroy the same handle first.
    while state & SlotState.isValid != 0,
      kernel_atomic_replace(&slot.pointee.state, state, state & ~SlotState.isValid) == 0
    {
      state = kernel_atomic_load(&slot.pointee.state)
    }
  }

  // MARK: Users

  /// The slot of a valid handle, after this thread has been added to its users.
  @inline(__always)
  private static func addUser(_ table: Table, _ handle: OpaquePointer?) -> UnsafeMutablePointer<Slot>? {
    let bits = UInt(bitPattern: handle)
    let uses = bits >> (3 + UInt(indexBits))
    guard bits & 0b111 == mark, uses < 1 << 38 else { return nil }
    let slot = table.slots + Int(bits >> 3) & (capacity - 1)
    let expected = Int64(uses) * SlotState.oneUse | SlotState.isValid
    var state = kernel_atomic_load(&slot.pointee.state)
    while state & ~SlotState.users == expected {
      if kernel_atomic_replace(&slot.pointee.state, state, state + SlotState.oneUser) != 0 { return slot }
      state = kernel_atomic_load(&slot.pointee.state)
    }
    return nil
  }

  @inline(__always)
  private static func removeUser(_ table: Table, _ slot: UnsafeMutablePointer<Slot>) {
    let state = kernel_atomic_add(&slot.pointee.state, -SlotState.oneUser) - SlotState.oneUser
    if state & (SlotState.users | SlotState.isValid) == 0 { retire(table, slot) }
  }

  /// Releases the object of a slot that is destroyed and has no users.
  @inline(never)
  private static func retire(_ table: Table, _ slot: UnsafeMutablePointer<Slot>) {
    let object = slot.pointee.object
    slot.pointee.object = nil
    freeSlot(table, slot - table.slots)
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
