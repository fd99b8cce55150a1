import PolicyGradient

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Gives objects tickets to hand to C, and finds them again.
///
/// A ticket names a slot and how often that slot was given out, so one that is stale, foreign or made up is told without
/// ever being followed. Finding takes no lock: a slot is written only as its ticket begins or ceases to be valid.
enum Handles {
  private struct Slot {
    /// The ticket that is valid now; 0 for none.
    var ticket: UInt
    var timesUsed: UInt
    var object: Unmanaged<AnyObject>?
    var nextFree: Int
  }

  private static let capacity = 1 << 20
  private static let indexBits = 20
  /// Keeps tickets apart from small numbers, and from addresses, which are even.
  private static let mark: UInt = 0b101

  // calloc hands out pages as they are first written, so empty slots cost nothing.
  nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Slot>? =
    calloc(capacity, MemoryLayout<Slot>.stride)?.bindMemory(to: Slot.self, capacity: capacity)
  nonisolated(unsafe) private static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
  }()
  nonisolated(unsafe) private static var used = 0
  nonisolated(unsafe) private static var firstFree = -1

  /// A ticket for the object, which stays alive until ``give(back:)``.
  static func ticket(for object: AnyObject) throws(Refusal) -> OpaquePointer {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard let slots else { throw Refusal(.outOfMemory, "the system has no memory for handles") }
    var index = firstFree
    if index >= 0 {
      firstFree = slots[index].nextFree
    } else {
      guard used < capacity else { throw Refusal(.outOfMemory, "\(capacity) objects are alive; destroy some first") }
      index = used
      used += 1
    }
    slots[index].timesUsed &+= 1
    let ticket = (slots[index].timesUsed << indexBits | UInt(index)) << 3 | mark
    slots[index].object = Unmanaged.passRetained(object)
    slots[index].ticket = ticket
    guard let handle = OpaquePointer(bitPattern: ticket) else {
      throw Refusal(.outOfMemory, "no handle is left")
    }
    return handle
  }

  /// The object behind a ticket, if that is valid.
  static func object(_ handle: OpaquePointer?) -> AnyObject? {
    guard let slots, let slot = slot(of: handle) else { return nil }
    return slots[slot].object?.takeUnretainedValue()
  }

  /// Makes the ticket invalid and lets go of its object; a ticket that is not valid changes nothing.
  static func give<Object: AnyObject>(back handle: OpaquePointer?, _ type: Object.Type) {
    pthread_mutex_lock(mutex)
    var object: Unmanaged<AnyObject>?
    if let slots, let index = slot(of: handle), let held = slots[index].object, held.takeUnretainedValue() is Object {
      object = held
      slots[index].ticket = 0
      slots[index].object = nil
      slots[index].nextFree = firstFree
      firstFree = index
    }
    pthread_mutex_unlock(mutex)
    // Outside the lock: a host's destroy callback may come back to us.
    object?.release()
  }

  private static func slot(of handle: OpaquePointer?) -> Int? {
    guard let slots else { return nil }
    let ticket = UInt(bitPattern: handle)
    let index = Int(ticket >> 3) & (capacity - 1)
    return ticket != 0 && slots[index].ticket == ticket ? index : nil
  }
}
