/// Bytes that are read piece by piece, so that no memory is taken for what nobody asks for.
protocol ByteSource: AnyObject {
  var count: Int { get }
  /// Copies the bytes from `offset` on, as many as `target` has.
  func copy(from offset: Int, to target: UnsafeMutableRawBufferPointer) throws(Refusal)
}

/// Memory of the caller, which must outlive this object.
final class MemorySource: ByteSource {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  func copy(from offset: Int, to target: UnsafeMutableRawBufferPointer) {
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + target.count]))
  }
}

/// A regular file, open for reading.
final class FileSource: ByteSource {
  let count: Int
  private let path: String
  private let descriptor: Int32

  /// Enough for the largest agents.
  private static let maximumCount = 1 << 33

  init(_ path: String) throws(Refusal) {
    // Without O_NONBLOCK, opening a named pipe would wait forever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Refusal.failure(to: "open", path) }
    do throws(Refusal) {
      count = try FileSource.size(of: descriptor, path)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  private static func size(of descriptor: Int32, _ path: String) throws(Refusal) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Refusal.failure(to: "read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Refusal(.badFile, "it is not a regular file") }
    let size = Int(status.st_size)
    guard size <= maximumCount else {
      throw Refusal(.badFile, "it has \(size) bytes; a pgrad file has at most \(maximumCount)")
    }
    return size
  }

  func copy(from offset: Int, to target: UnsafeMutableRawBufferPointer) throws(Refusal) {
    var done = 0
    while done < target.count {
      let read = pread(
        descriptor, target.baseAddress.map { $0 + done }, target.count - done, off_t(offset + done))
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw Refusal.failure(to: "read", path) }
      guard read > 0 else { throw Refusal(.badFile, "it became shorter while it was read") }
      done += read
    }
  }
}
