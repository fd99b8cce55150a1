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
