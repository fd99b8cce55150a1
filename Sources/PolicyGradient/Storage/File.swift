/// Whole files, written at once.
enum File {
  /// Writes the pieces one after the other. Follows links in `path`. An existing file is replaced only when the new one
  /// is complete and on disk; its mode is kept, and its owner where the system allows it. A new file follows umask.
  static func replace(_ path: String, with pieces: [UnsafeRawBufferPointer]) throws(Refusal) {
    let target = try FileTarget(path)
    PartialFile.removeAbandoned(of: target)
    // If locks do not reach other machines, another machine may consider a partial file abandoned and remove it.
    for _ in 0..<PartialFile.attempts {
      let partial = try PartialFile(of: target)
      for piece in pieces { try partial.append(piece) }
      if try partial.publish() { return }
    }
    throw Refusal(.inputOutput, "cannot write \"\(path)\": other programs keep removing its partial files")
  }
}

extension Refusal {
  /// The refusal after a system call on a file has failed, with the text of `errno`.
  static func failure(to verb: String, _ path: String) -> Refusal {
    Refusal(.inputOutput, "cannot \(verb) \"\(path)\": \(String(cString: strerror(errno)))")
  }
}
