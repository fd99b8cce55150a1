/// The file that a path names once symbolic links are followed: a regular file, or one that does not exist yet.
struct FileTarget {
  /// The path that the caller gave, for messages.
  let given: String
  /// The path after links were followed.
  let path: String
  /// Mode and owner of an existing file; `nil` for a new one.
  let existing: stat?

  /// The folder of `path`, as an argument for `open`.
  var folder: String { FileTarget.folder(of: path).map { $0.isEmpty ? "/" : $0 } ?? "." }
  /// The last component of `path`.
  var name: Substring { path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...] }

  /// As many links as Linux follows.
  private static let maximumLinks = 40

  /// How often to look again at a file that another program replaces meanwhile.
  private static let attempts = 16

  /// - Throws: `.inputOutput` for a folder, a device, a FIFO or a socket, for a cycle of links, and if the system
  ///   refuses.
  init(_ given: String) throws(Refusal) {
    for _ in 0..<FileTarget.attempts {
      var status = stat()
      let exists = stat(given, &status) == 0
      guard exists || errno == ENOENT else { throw Refusal.failure(to: "write", given) }
      if exists, let kind = FileTarget.specialKind(status.st_mode) {
        throw Refusal(.inputOutput, "cannot write \"\(given)\": it is \(kind); expected a regular file or a new name")
      }
      let path = try FileTarget.resolved(given)
      // A special link, such as one in /proc/self/fd, always leads to another file than its text.
      var own = stat()
      let isThere = lstat(path, &own) == 0
      guard isThere == exists, !exists || own.st_dev == status.st_dev && own.st_ino == status.st_ino else { continue }
      self.given = given
      self.path = path
      existing = exists ? status : nil
      return
    }
    throw Refusal(.inputOutput, "cannot write \"\(given)\": its links do not lead to a file that can be replaced")
  }

  /// Follows links in the last component, whether or not the target exists.
  private static func resolved(_ given: String) throws(Refusal) -> String {
    var path = given
    for _ in 0...maximumLinks {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
      var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      let count = readlink(path, &bytes, bytes.count - 1)
      guard count >= 0 else { throw Refusal.failure(to: "write", given) }
      guard let link = String(validating: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) else {
        throw Refusal(.inputOutput, "cannot write \"\(given)\": the link \"\(path)\" leads to a name that is not UTF-8")
      }
      path = link.hasPrefix("/") ? link : folder(of: path).map { "\($0)/\(link)" } ?? link
    }
    errno = ELOOP
    throw Refusal.failure(to: "write", given)
  }

  /// The part before the last "/"; `nil` without one.
  private static func folder(of path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
  }

  /// The name of a kind of file that cannot be replaced by a regular file; `nil` for a regular file.
  private static func specialKind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFCHR, S_IFBLK: "a device"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    default: "not a regular file"
    }
  }
}
