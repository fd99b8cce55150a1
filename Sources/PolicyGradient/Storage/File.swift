/// Whole files, read and written at once.
enum File {
  /// The bytes of a file.
  struct Contents {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Keeps `bytes` alive; `nil` if the caller does. A buffer of 8-byte words, since a buffer of bytes is too small
    /// for the largest agents.
    let owner: Buffer<UInt64>?
  }

  /// Reads a file of any size that fits into a ``Buffer``.
  static func contents(of path: String) throws(Refusal) -> Contents {
    // Without O_NONBLOCK, opening a named pipe would wait forever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Refusal.failure(to: "open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Refusal.failure(to: "read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(.badFile, "it is not a regular file")
    }
    let size = Int(status.st_size)
    let word = MemoryLayout<UInt64>.size
    let limit = Buffer<UInt64>.maximumCount * word
    guard size <= limit else {
      throw Refusal(.badFile, "it has \(size) bytes; a pgrad file has at most \(limit)")
    }
    let owner = try Buffer<UInt64>(count: (size + word - 1) / word)
    let bytes = UnsafeMutableRawBufferPointer(owner.elements)
    var done = 0
    while done < size {
      let count = read(descriptor, bytes.baseAddress.map { $0 + done }, size - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Refusal.failure(to: "read", path) }
      guard count > 0 else { throw Refusal(.badFile, "it became shorter while it was read") }
      done += count
    }
    return Contents(
      bytes: UnsafeBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).bindMemory(to: UInt8.self)[..<size]),
      owner: owner)
  }

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
