extension Policy {
  /// Replaces the note.
  package func setNote(_ text: String) throws(Refusal) {
    try require(
      text.utf8.count <= Limits.noteBytes, "note", "\(text.utf8.count) bytes long",
      "be at most \(Limits.noteBytes) bytes long")
    note = text
  }

  func storeNote(in fields: inout Fields) {
    // Policies without a note write the same files as before there were notes.
    if !note.isEmpty { fields.set("note", note) }
  }

  func restoreNote(from fields: Fields) throws(Refusal) {
    guard fields.has("note") else { return }
    let text = try fields.text("note")
    guard text.utf8.count <= Limits.noteBytes, !text.utf8.contains(0) else {
      throw Refusal(.badFile, "its note is longer than \(Limits.noteBytes) bytes, or contains a zero byte")
    }
    note = text
  }
}
