import Foundation

/// A folder of a test's own, gone when the test lets go of it.
final class TemporaryFolder {
  private let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
}

func contents(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

/// Changes one byte in place, which takes a system far less time than a new file.
func overwrite(_ path: String, at place: Int, with byte: UInt8) throws {
  let file = try FileHandle(forWritingTo: URL(filePath: path))
  try file.seek(toOffset: UInt64(place))
  try file.write(contentsOf: [byte])
  try file.close()
}
