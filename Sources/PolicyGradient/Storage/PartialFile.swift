/// A file that is being written, in the folder of the file that it will replace. Its name is `name.xxxxxxxx.partial`
/// with random digits.
///
/// Its writer holds a lock on it, which the system releases when the writer ends for any reason. So a partial file with
/// a free lock is abandoned. Process numbers cannot show that: containers that share a volume have equal ones.
final class PartialFile {
  /// How many names to try, and how often to write again.
  static let attempts = 16
  private static let digits = 8
  private static let ending = ".partial"

  private let target: FileTarget
  private let path: String
  private let descriptor: Int32
  private var isPublished = false

  /// Creates an empty file with an unused name.
  init(of target: FileTarget) throws(Refusal) {
    // Until it gets the mode of the file that it replaces, only its owner may read it.
    let mode: mode_t = target.existing == nil ? 0o666 : 0o600
    for _ in 0..<PartialFile.attempts {
      let path = "\(target.path).\(PartialFile.randomDigits())\(PartialFile.ending)"
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
      if descriptor < 0, errno == EEXIST { continue }
      guard descriptor >= 0 else { throw Refusal.failure(to: "write", target.given) }
      guard PartialFile.claim(descriptor) else {
        close(descriptor)
        continue
      }
      self.target = target
      self.path = path
      self.descriptor = descriptor
      return
    }
    throw Refusal(.inputOutput, "cannot write \"\(target.given)\": no name is free for its partial file")
  }

  deinit {
    if !isPublished { unlink(path) }
    close(descriptor)
  }

  func append(_ piece: UnsafeRawBufferPointer) throws(Refusal) {
    guard let base = piece.baseAddress else { return }
    var done = 0
    while done < piece.count {
      let count = write(descriptor, base + done, piece.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Refusal.failure(to: "write", target.given) }
      done += count
    }
  }

  /// Moves the file to the target's path once it is on disk.
  /// - Returns: `false` if another program removed it.
  func publish() throws(Refusal) -> Bool {
    if let existing = target.existing { copyModeAndOwner(of: existing) }
    guard fsync(descriptor) == 0 else { throw Refusal.failure(to: "write", target.given) }
    guard rename(path, target.path) == 0 else {
      if errno == ENOENT { return false }
      throw Refusal.failure(to: "write", target.given)
    }
    isPublished = true
    // Makes the rename itself durable, where the system can. The new file is in place in any case.
    let folder = open(target.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    return true
  }

  /// Copies mode and owner of the file that this one replaces, as far as the system allows.
  private func copyModeAndOwner(of existing: stat) {
    var mode = existing.st_mode & 0o7777
    var own = stat()
    if fstat(descriptor, &own) == 0, own.st_uid != existing.st_uid || own.st_gid != existing.st_gid {
      if fchown(descriptor, existing.st_uid, existing.st_gid) != 0 {
        mode &= 0o777
        // If the group could not be set, the file's group gets only the rights of others.
        if own.st_gid != existing.st_gid, fchown(descriptor, uid_t.max, existing.st_gid) != 0 {
          mode = mode & 0o707 | (mode & 0o007) << 3
        }
      }
    }
    fchmod(descriptor, mode)
  }

  // MARK: Names and locks

  private static func randomDigits() -> String {
    let text = String(UInt32.random(in: 0...UInt32.max), radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }

  /// Locks a new file. On file systems without locks, no file is locked and none counts as abandoned.
  /// - Returns: `false` if another save found the file before it was locked, and removes it.
  private static func claim(_ descriptor: Int32) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { return errno != EWOULDBLOCK }
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// Removes a target's partial files whose writers have ended, as far as possible.
  static func removeAbandoned(of target: FileTarget) {
    guard let folder = opendir(target.folder) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
      }
      if isPartial(name, of: target.name) { removeIfAbandoned(name, in: dirfd(folder)) }
    }
  }

  private static func isPartial(_ name: String, of target: Substring) -> Bool {
    guard name.hasSuffix(ending), name.hasPrefix(target) else { return false }
    let rest = name.dropFirst(target.count).dropLast(ending.count)
    return rest.count == digits + 1 && rest.first == "." && rest.dropFirst().allSatisfy(\.isHexDigit)
  }

  private static func removeIfAbandoned(_ name: String, in folder: Int32) {
    var named = stat()
    guard fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0, named.st_mode & S_IFMT == S_IFREG else { return }
    let descriptor = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
    // The name may belong to another file by now.
    var opened = stat()
    guard
      fstat(descriptor, &opened) == 0, fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0,
      opened.st_dev == named.st_dev, opened.st_ino == named.st_ino
    else { return }
    unlinkat(folder, name, 0)
  }
}
