import KernelShims

/// Messages for the host about events that no status reports. Nobody hears them until the host asks.
package enum Log {
  /// The values equal the levels of Python's logging.
  package enum Level: Int32, CaseIterable, Sendable {
    /// What happens often, such as updates that end early by design.
    case debug = 10
    /// What happens seldom and is as intended, such as a file of an earlier version.
    case info = 20
    /// What a host would want to know of, such as an update that was undone.
    case warning = 30
  }

  /// Receives messages, on the threads where the events happen.
  private final class Listener {
    let lowest: Level
    let hear: (Level, String) -> Void

    init(_ lowest: Level, _ hear: @escaping (Level, String) -> Void) {
      self.lowest = lowest
      self.hear = hear
    }
  }

  /// The address of a retained ``Listener``; 0 for none. Initialised when the library is loaded, so that an event which
  /// nobody hears costs one comparison and allocates nothing.
  nonisolated(unsafe) private static var listener: Int64 = 0

  private struct State {
    /// Held by threads whose message is being heard.
    let slots: ReaderSlots
    /// Not `nil` on a thread whose message is being heard.
    let hearing: pthread_key_t
    let access = ExclusiveAccess()
  }

  nonisolated(unsafe) private static let state: State? = {
    var hearing = pthread_key_t()
    guard let slots = try? ReaderSlots(), pthread_key_create(&hearing, nil) == 0 else { return nil }
    return State(slots: slots, hearing: hearing)
  }()

  /// Gives a message to the listener, if there is one and it hears this level. A message that arises while one is
  /// heard on the same thread is dropped.
  package static func report(_ level: Level, _ message: @autoclosure () -> String) {
    guard kernel_atomic_load(&listener) != 0, let state, pthread_getspecific(state.hearing) == nil else { return }
    let slot = state.slots.claim()
    defer { state.slots.leave(slot) }
    guard let current = object(at: kernel_atomic_load_ordered(&listener))?.takeUnretainedValue(),
      level.rawValue >= current.lowest.rawValue
    else { return }
    pthread_setspecific(state.hearing, UnsafeRawPointer(bitPattern: 1))
    current.hear(level, message())
    pthread_setspecific(state.hearing, nil)
  }

  /// Replaces the listener; `nil` for none. When this returns, the listener before is not being called any more.
  ///
  /// - Parameter lowest: Messages below this level are not heard.
  package static func setListener(_ lowest: Level, _ hear: ((Level, String) -> Void)?) throws(Refusal) {
    guard let state else { throw Refusal(.outOfMemory, "the system has no memory for a log callback") }
    guard pthread_getspecific(state.hearing) == nil else {
      throw Refusal(.badState, "a log callback cannot replace itself; set another callback after it has returned")
    }
    _ = try state.access.begin("the log callback")
    defer { state.access.end() }
    let old = object(at: kernel_atomic_load(&listener))
    let new = hear.map { Unmanaged.passRetained(Listener(lowest, $0)) }
    kernel_atomic_store(&listener, new.map { Int64(Int(bitPattern: $0.toOpaque())) } ?? 0)
    state.slots.noteHolders()
    state.slots.waitForNotedHolders()
    old?.release()
  }

  private static func object(at address: Int64) -> Unmanaged<Listener>? {
    UnsafeRawPointer(bitPattern: Int(address)).map(Unmanaged.fromOpaque)
  }
}
