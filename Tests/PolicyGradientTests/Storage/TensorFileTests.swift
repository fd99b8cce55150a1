import Foundation
import Testing

@testable import PolicyGradient

struct TensorFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ path: String) throws -> TensorFile { try TensorFile.load(path) { $0 } }

  @Test func whatIsWrittenIsRead() throws {
    var file = TensorFile()
    file.set("name", "a \"quoted\" \\ text\n😀")
    let floats = try Buffer<Float>([1.5, -0.0, .infinity, .leastNonzeroMagnitude, 3, 4])
    file.add("floats", floats, at: 2, shape: [2, 2])
    try file.add("doubles", [0.1, -1e300])
    try file.add("ints", [Int32.min, .max])
    try file.add("longs", [Int64.min, .max])
    try file.add("bytes", [UInt8(0), 255])
    try file.add("empty", [Double]())
    try file.write(to: folder.path("file"))

    let stored = try read(folder.path("file"))
    #expect(try stored.text("name") == "a \"quoted\" \\ text\n😀")
    let target = try Buffer<Float>([9, 9, 9, 9, 9, 9])
    try stored.read("floats", into: target, at: 1, shape: [2, 2])
    #expect(target.array == [9, .infinity, .leastNonzeroMagnitude, 3, 4, 9])
    #expect(try stored.vector("doubles", of: Double.self, limit: 2) == [0.1, -1e300])
    #expect(try stored.vector("ints", of: Int32.self, limit: 2) == [.min, .max])
    #expect(try stored.vector("longs", of: Int64.self, limit: 2) == [.min, .max])
    #expect(try stored.vector("bytes", of: UInt8.self, limit: 2) == [0, 255])
    #expect(try stored.vector("empty", of: Double.self, limit: 0) == [])
  }

  @Test func theLayoutIsSafetensors() throws {
    var file = TensorFile()
    try file.add("t", [Float(1)])
    try file.write(to: folder.path("file"))
    // The header's length in 8 bytes, the header padded to a multiple of 8, and 1.0 as 0x3F800000, all little-endian.
    let header = #"{"__metadata__":{},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    #expect(header.utf8.count == 72)
    #expect(try contents(folder.path("file")) == [72, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0x80, 0x3F])
  }

  @Test func memoryReceivesTheBytesOfTheFile() throws {
    var file = TensorFile()
    try file.add("t", [Float(1), 2])
    try file.add("empty", [Double]())
    try file.write(to: folder.path("file"))
    let expected = try contents(folder.path("file"))
    #expect(try file.write(into: nil) == expected.count)

    var bytes = [UInt8](repeating: 0xA5, count: expected.count + 1)
    let written = try bytes.withUnsafeMutableBytes { try file.write(into: $0) }
    #expect(written == expected.count)
    #expect(bytes == expected + [0xA5])
    let values = try expected.withUnsafeBytes { bytes in
      try TensorFile.load(bytes: bytes) { file throws(Refusal) in try file.vector("t", of: Float.self, limit: 2) }
    }
    #expect(values == [1, 2])
  }

  @Test func tooLittleMemoryIsLeftAlone() throws {
    var file = TensorFile()
    try file.add("t", [Float(1)])
    let size = try file.write(into: nil)
    var bytes = [UInt8](repeating: 0xA5, count: size - 1)
    let refused = bytes.withUnsafeMutableBytes { memory in refusal { _ = try file.write(into: memory) } }
    #expect(
      refused
        == Refusal(
          .invalidArgument, "capacity is \(size - 1); it must be at least \(size), the number of bytes to write"))
    #expect(bytes.allSatisfy { $0 == 0xA5 })
  }

  @Test func bytesThatAreCutAreRefusedByTheirName() throws {
    var file = TensorFile()
    try file.add("t", [Float(1)])
    var bytes = [UInt8](repeating: 0, count: try file.write(into: nil))
    _ = try bytes.withUnsafeMutableBytes { try file.write(into: $0) }
    for count in 0..<bytes.count {
      let refused = bytes.withUnsafeBytes { all in
        refusal { _ = try TensorFile.load(bytes: UnsafeRawBufferPointer(rebasing: all[..<count])) { $0 } }
      }
      #expect(refused?.reason == .badFile)
      #expect(refused?.message.hasPrefix("bytes is not a pgrad file that this library can read: ") == true)
    }
  }

  @Test func tensorsAreReadWhenTheyAreAskedFor() throws {
    var file = TensorFile()
    try file.add("t", [Float(1), 2])
    let path = folder.path("file")
    try file.write(to: path)
    let stored = try read(path)
    #expect(truncate(path, 16) == 0)
    #expect(
      refusal { _ = try stored.vector("t", of: Float.self, limit: 2) }
        == Refusal(.badFile, "it became shorter while it was read"))
  }

  @Test func aVectorWithoutItsBytesTakesNoMemory() throws {
    let header = #"{"t":{"dtype":"F64","shape":[1073741824],"data_offsets":[0,0]}}"#
    let bytes = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
    try write(bytes, to: folder.path("file"))
    let stored = try read(folder.path("file"))
    #expect(
      refusal { _ = try stored.vector("t", of: Double.self, limit: 1 << 30) }
        == Refusal(.badFile, "the vector \"t\" of 1073741824 numbers has 0 bytes"))
  }

  @Test func aTensorOfAnotherShapeOrTypeIsRefused() throws {
    var file = TensorFile()
    try file.add("t", [Float(1), 2, 3, 4])
    try file.write(to: folder.path("file"))
    let stored = try read(folder.path("file"))
    let target = try Buffer<Float>(count: 4)
    #expect(
      refusal { try stored.read("t", into: target, shape: [2, 2]) }
        == Refusal(.badFile, "tensor \"t\" is F32 [4] of 16 bytes; it must be F32 [2, 2]"))
    #expect(refusal { try stored.read("u", into: target, shape: [4]) }?.reason == .badFile)
    #expect(refusal { _ = try stored.vector("t", of: Double.self, limit: 4) }?.reason == .badFile)
    #expect(refusal { _ = try stored.vector("t", of: Float.self, limit: 3) }?.reason == .badFile)
    #expect(refusal { _ = try stored.text("missing") } == Refusal(.badFile, "its metadata lacks \"missing\""))
  }

  @Test(arguments: [
    #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,5]}}"#,
    #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
    #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
    #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
    #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#,
    #"{"t":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#,
    #"{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
    #"{"t":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}"#,
    #"{"t":1}"#,
    #"[]"#,
    #""#,
  ])
  func aHeaderThatDescribesNoTensorIsRefused(header: String) throws {
    try write(
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0, 0], to: folder.path("bad"))
    #expect(refusal { _ = try read(folder.path("bad")) }?.reason == .badFile)
  }

  @Test func aHeadersLengthIsNotBelieved() throws {
    for length in [UInt64(1), 1 << 20 + 1, 1 << 40, 1 << 63, .max] {
      let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) }
      try write(bytes, to: folder.path("bad"))
      #expect(refusal { _ = try read(folder.path("bad")) }?.reason == .badFile)
    }
    // A header of blanks longer than any that the library writes is not parsed at all.
    let length = UInt64(1 << 20 + 8)
    try write(
      withUnsafeBytes(of: length.littleEndian) { Array($0) } + [UInt8](repeating: 0x20, count: Int(length)),
      to: folder.path("bad"))
    #expect(
      refusal { _ = try read(folder.path("bad")) }?.message.hasSuffix(
        "its header would have 1048584 bytes; it can have at most 1048576") == true)
  }

  @Test func aDimensionsProductCannotOverflow() throws {
    let header = #"{"t":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}"#
    try write([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8), to: folder.path("odd"))
    let stored = try read(folder.path("odd"))
    let target = try Buffer<Float>(count: 1)
    #expect(refusal { try stored.read("t", into: target, shape: [1]) }?.reason == .badFile)
  }

  // MARK: Files

  @Test func aFileIsReplacedWholeAndLeavesNothingBehind() throws {
    try write([UInt8](repeating: 7, count: 100_000), to: folder.path("file"))
    var file = TensorFile()
    try file.add("t", [Float(1)])
    try file.write(to: folder.path("file"))
    #expect(try contents(folder.path("file")).count == 8 + 72 + 4)
    #expect(folder.names == ["file"])
  }

  @Test func whereNothingCanBeWrittenTheSystemsWordIsPassedOn() throws {
    let file = TensorFile()
    let missing = folder.path("no/such/folder")
    #expect(
      refusal { try file.write(to: missing) }
        == Refusal(.inputOutput, "cannot write \"\(missing)\": No such file or directory"))
    try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: true)
    #expect(refusal { try file.write(to: folder.path("folder")) }?.reason == .inputOutput)
    #expect(folder.names == ["folder"])
  }

  @Test func whatIsNoRegularFileIsNotRead() throws {
    #expect(refusal { _ = try read(folder.path("none")) }?.reason == .inputOutput)
    #expect(refusal { _ = try read(folder.path("")) }?.reason == .badFile)
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(refusal { _ = try read(folder.path("pipe")) }?.reason == .badFile)
    #expect(refusal { _ = try read("/dev/zero") }?.reason == .badFile)
  }

  @Test func threadsThatWriteOnePathLeaveOneOfTheirFilesWhole() throws {
    let path = folder.path("file")
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      for _ in 0..<20 {
        var file = TensorFile()
        try? file.add("t", [Float](repeating: Float(index), count: 1_000 + index))
        try? file.write(to: path)
      }
    }
    let values = try read(path).vector("t", of: Float.self, limit: 2_000)
    #expect(values.allSatisfy { $0 == values[0] } && values.count == 1_000 + Int(values[0]))
    #expect(folder.names == ["file"])
  }
}
