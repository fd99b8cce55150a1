import CPGrad
import PolicyGradient

/// Runs the body of a C function. A refusal becomes its status; `pgrad_last_error` returns the refusal's text.
func cStatus(_ body: () throws(Refusal) -> Void) -> pgrad_status {
  do throws(Refusal) {
    try body()
    return PGRAD_OK
  } catch {
    LastError.store(error.message)
    return error.reason.status
  }
}

/// The same with a policy, which any number of threads may read at the same time.
func cStatus(
  reading handle: OpaquePointer?, _ body: (PolicyHandle) throws(Refusal) -> Void
) -> pgrad_status {
  cStatus { () throws(Refusal) in try withObject(handle, "policy", body) }
}

/// The same with the object of a handle, which this thread alone uses meanwhile.
func cStatus<Object: ExclusivelyUsed>(
  _ handle: OpaquePointer?, _ name: StaticString, _ body: (Object) throws(Refusal) -> Void
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try withObject(handle, name) { (object: Object) throws(Refusal) in
      try object.access.run(name) { () throws(Refusal) in try body(object) }
    }
  }
}

extension Refusal.Reason {
  var status: pgrad_status {
    switch self {
    case .invalidArgument: PGRAD_INVALID_ARGUMENT
    case .invalidHandle: PGRAD_INVALID_HANDLE
    case .notFinite: PGRAD_NOT_FINITE
    case .badState: PGRAD_BAD_STATE
    case .outOfMemory: PGRAD_OUT_OF_MEMORY
    case .unsupported: PGRAD_UNSUPPORTED
    case .inputOutput: PGRAD_IO_ERROR
    case .badFile: PGRAD_BAD_FILE
    case .hostError: PGRAD_HOST_ERROR
    }
  }
}

/// The message of the last refusal on each thread.
enum LastError {
  private static let capacity = 1_024

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { text in free(text) }
    return key
  }()

  nonisolated(unsafe) private static let none: UnsafeMutablePointer<CChar>? = strdup("")

  /// A C string that lives until the next ``store(_:)`` on this thread.
  static var text: UnsafePointer<CChar>? {
    UnsafePointer(pthread_getspecific(key)?.assumingMemoryBound(to: CChar.self) ?? none)
  }

  /// Stores as much of the message as there is room for, cut between characters.
  static func store(_ message: String) {
    if pthread_getspecific(key) == nil, let fresh = calloc(capacity, 1) { pthread_setspecific(key, fresh) }
    guard let buffer = pthread_getspecific(key)?.assumingMemoryBound(to: CChar.self) else { return }
    var length = 0
    for character in message {
      guard length + character.utf8.count < capacity else { break }
      for byte in character.utf8 where byte != 0 {
        buffer[length] = CChar(bitPattern: byte)
        length += 1
      }
    }
    buffer[length] = 0
  }
}
