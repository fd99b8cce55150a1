import KernelShims

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whole files, read and written at once.
enum File {
  /// Counts files written, so that two threads that write one at the same time do not write into each other's.
  nonisolated(unsafe) private static let writes: UnsafeMutablePointer<Int64> = {
    let count = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    count.initialize(to: 0)
    return count
  }()

  /// The bytes of a file.
  struct Contents {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Keeps `bytes` alive; in words, since a buffer of bytes holds too few of them for the largest agents.
    let owner: Buffer<UInt64>
  }

  /// Reads a file of any size that fits into a ``Buffer``.
  static func contents(of path: String) throws(Refusal) -> Contents {
    // Without O_NONBLOCK a named pipe would be waited for, for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw failure("read", path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(.badFile, "it is not a regular file")
    }
    let size = Int(facts.st_size)
    let word = MemoryLayout<UInt64>.size
    let limit = Buffer<UInt64>.maximumCount * word
    guard size <= limit else {
      throw Refusal(.badFile, "it has \(size) bytes, and no pgrad file has more than \(limit)")
    }
    let owner = try Buffer<UInt64>(count: (size + word - 1) / word)
    let bytes = UnsafeMutableRawBufferPointer(owner.elements)
    var done = 0
    while done < size {
      let count = read(descriptor, bytes.baseAddress.map { $0 + done }, size - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      guard count > 0 else { throw Refusal(.badFile, "it became shorter while it was read") }
      done += count
    }
    return Contents(
      bytes: UnsafeBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).bindMemory(to: UInt8.self)[..<size]),
      owner: owner)
  }

  /// Writes the pieces one after the other. A file of that name is replaced only once the new one is whole and on disk.
  static func replace(_ path: String, with pieces: [UnsafeRawBufferPointer]) throws(Refusal) {
    let temporary = "\(path).\(getpid()).\(kernel_atomic_add(writes, 1)).partial"
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
