import KernelShims

/// The note of a policy, which readers on any thread read while it is replaced.
final class PublishedNote {
  private final class Text {
    let text: String
    init(_ text: String) { self.text = text }
  }

  /// The address of a retained ``Text``; 0 for none.
  private let address: UnsafeMutablePointer<Int64>

  init() {
    address = .allocate(capacity: 1)
    address.initialize(to: 0)
  }

  deinit {
    PublishedNote.object(at: kernel_atomic_load(address))?.release()
    address.deallocate()
  }

  /// The note, for a reader who holds a slot.
  var text: String {
    PublishedNote.object(at: kernel_atomic_load_ordered(address))?._withUnsafeGuaranteedRef { $0.text } ?? ""
  }

  /// Replaces the note. The old one is released when no reader uses it.
  func replace(with text: String, _ readers: ReaderSlots) {
    let old = PublishedNote.object(at: kernel_atomic_load(address))
    kernel_atomic_store(address, Int64(Int(bitPattern: Unmanaged.passRetained(Text(text)).toOpaque())))
    guard let old else { return }
    readers.noteHolders()
    readers.waitForNotedHolders()
    old.release()
  }

  private static func object(at address: Int64) -> Unmanaged<Text>? {
    UnsafeRawPointer(bitPattern: Int(address)).map(Unmanaged.fromOpaque)
  }
}

extension Policy {
  /// A text of the host, stored in files; at most ``Limits/noteBytes`` bytes of UTF-8, without zero bytes.
  package var note: String {
    let slot = passes.slots.claim()
    defer { passes.slots.leave(slot) }
    return publishedNote.text
  }

  /// Replaces the note.
  package func setNote(_ text: String) throws(Refusal) {
    try require(
      text.utf8.count <= Limits.noteBytes, "note", "\(text.utf8.count) bytes long",
      "be at most \(Limits.noteBytes) bytes long")
    publishedNote.replace(with: text, passes.slots)
  }

  func storeNote(in fields: inout Fields) {
    // Policies without a note write the same files as before there were notes.
    let note = note
    if !note.isEmpty { fields.set("note", note) }
  }

  func restoreNote(from fields: Fields) throws(Refusal) {
    guard fields.has("note") else { return }
    let text = try fields.text("note")
    guard text.utf8.count <= Limits.noteBytes, !text.utf8.contains(0) else {
      throw Refusal(.badFile, "its note is longer than \(Limits.noteBytes) bytes, or contains a zero byte")
    }
    try setNote(text)
  }
}
