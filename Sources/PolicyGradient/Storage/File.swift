#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whole files, read and written at once.
enum File {
  /// Reads at most `limit` bytes.
  static func contents(of path: String, limit: Int) throws(Refusal) -> Buffer<UInt8> {
    // O_NONBLOCK keeps a pipe without a writer from holding us up before fstat tells that it is one.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw failure("read", path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(.badFile, "it is not a regular file")
    }
    let size = Int(facts.st_size)
    guard size <= limit else {
      throw Refusal(.badFile, "it has \(size) bytes, and no file of ours more than \(limit)")
    }
    let bytes = try Buffer<UInt8>(count: size)
    var done = 0
    while done < size {
      let count = read(descriptor, bytes.pointer + done, size - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      guard count > 0 else { throw Refusal(.badFile, "it became shorter while it was read") }
      done += count
    }
    return bytes
  }

  /// Writes the pieces one after the other. A file of that name is replaced only once the new one is whole and on disk.
  static func replace(_ path: String, with pieces: [UnsafeRawBufferPointer]) throws(Refusal) {
    let temporary = "\(path).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write", path) }
    do throws(Refusal) {
      for piece in pieces { try append(piece, descriptor, path) }
      guard fsync(descriptor) == 0 else { throw failure("write", path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let refusal = failure("write", path)
      unlink(temporary)
      throw refusal
    }
  }

  private static func append(
    _ piece: UnsafeRawBufferPointer, _ descriptor: Int32, _ path: String
  ) throws(Refusal) {
    guard let base = piece.baseAddress else { return }
    var done = 0
    while done < piece.count {
      let count = write(descriptor, base + done, piece.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write", path) }
      done += count
    }
  }

  private static func failure(_ verb: String, _ path: String) -> Refusal {
    Refusal(.inputOutput, "cannot \(verb) \"\(path)\": \(String(cString: strerror(errno)))")
  }
}
