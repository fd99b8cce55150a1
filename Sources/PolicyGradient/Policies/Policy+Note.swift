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
