/// A file of named tensors and texts in the safetensors format: the length of a JSON header (8 bytes, little-endian),
/// the header, then all numbers, little-endian, at the offsets in the header.
package struct TensorFile {
  private(set) var metadata: [String: String] = [:]
  private var entries: [Entry] = []
  private var stored: [String: StoredTensor] = [:]

  /// A tensor to write.
  private struct Entry {
    let name: String
    let type: String
    let shape: [Int]
    let bytes: UnsafeRawBufferPointer
    /// Keeps `bytes` alive.
    let owner: AnyObject
  }

  /// A tensor to read.
  private struct StoredTensor {
    let type: String
    let shape: [Int]
    let range: Range<Int>
    let source: any ByteSource
  }

  /// Enough for a policy with the most parts and layers, and small enough to parse any header quickly.
  private static let largestHeader = 1 << 20

  init() {}

  /// The numbers of every tensor.
  var tensorBytes: [(name: String, bytes: UnsafeRawBufferPointer)] { entries.map { ($0.name, $0.bytes) } }

  // MARK: Writing

  /// Adds a text.
  package mutating func set(_ key: String, _ value: String) { metadata[key] = value }

  /// Adds a tensor: the numbers from `offset` in the buffer on, as many as `shape` has.
  package mutating func add<Element: TensorElement>(
    _ name: String, _ buffer: Buffer<Element>, at offset: Int = 0, shape: [Int]
  ) {
    let count = shape.reduce(1, *)
    entries.append(
      Entry(
        name: name, type: Element.tensorType, shape: shape,
        bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(start: buffer.pointer + offset, count: count)), owner: buffer)
    )
  }

  /// Adds a vector.
  package mutating func add<Element: TensorElement>(_ name: String, _ values: [Element]) throws(Refusal) {
    let buffer = try Buffer<Element>(count: values.count)
    for (index, value) in values.enumerated() { buffer.pointer[index] = value }
    add(name, buffer, shape: [values.count])
  }

  func write(to path: String) throws(Refusal) {
    try withPieces { (pieces) throws(Refusal) in try File.replace(path, with: pieces) }
  }

  /// Copies the bytes that ``write(to:)`` would write to `memory`, if given. Returns their number.
  func write(into memory: UnsafeMutableRawBufferPointer?) throws(Refusal) -> Int {
    try withPieces { (pieces) throws(Refusal) in
      let size = pieces.reduce(0) { $0 + $1.count }
      guard let memory else { return size }
      try require(
        memory.count >= size, "capacity", "\(memory.count)", "be at least \(size), the number of bytes to write")
      var place = 0
      for piece in pieces {
        UnsafeMutableRawBufferPointer(rebasing: memory[place..<place + piece.count]).copyMemory(from: piece)
        place += piece.count
      }
      return size
    }
  }

  /// Calls `body` with the file's bytes: length and header in the first piece, then one piece per tensor.
  private func withPieces<Result>(
    _ body: ([UnsafeRawBufferPointer]) throws(Refusal) -> Result
  ) throws(Refusal) -> Result {
    let texts = metadata.sorted { $0.key < $1.key }.map { "\(JSON.quoted($0.key)):\(JSON.quoted($0.value))" }
    var members = ["\"__metadata__\":{\(texts.joined(separator: ","))}"]
    var end = 0
    for entry in entries {
      let start = end
      end += entry.bytes.count
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSON.quoted(entry.name)):{\"dtype\":\"\(entry.type)\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}"
      )
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    let start = try Buffer<UInt8>(count: length.count + header.count)
    _ = start.elements.update(fromContentsOf: length + header)
    defer { withExtendedLifetime(start) {} }
    return try body([UnsafeRawBufferPointer(start.elements)] + entries.map(\.bytes))
  }

  // MARK: Reading

  /// Reads a file and makes an object from it. A refusal of its content names the file.
  static func load<Object>(
    _ path: String, _ make: (TensorFile) throws(Refusal) -> Object
  ) throws(Refusal) -> Object {
    try named("\"\(path)\"") { () throws(Refusal) in try make(TensorFile(FileSource(path))) }
  }

  /// Reads the bytes of a file, which must live only during the call. A refusal calls them `bytes`.
  static func load<Object>(
    bytes: UnsafeRawBufferPointer, _ make: (TensorFile) throws(Refusal) -> Object
  ) throws(Refusal) -> Object {
    try named("bytes") { () throws(Refusal) in try make(TensorFile(MemorySource(bytes))) }
  }

  /// Adds the name of a file to a refusal of its content.
  static func named<Object>(_ name: String, _ body: () throws(Refusal) -> Object) throws(Refusal) -> Object {
    do throws(Refusal) {
      return try body()
    } catch {
      guard error.reason == .badFile else { throw error }
      throw Refusal(.badFile, "\(name) is not a pgrad file that this library can read: \(error.message)")
    }
  }

  /// Reads the header, and checks that it describes every byte after it.
  private init(_ source: any ByteSource) throws(Refusal) {
    func bad(_ what: String) -> Refusal { Refusal(.badFile, what) }
    guard source.count >= 8 else { throw bad("it has \(source.count) bytes; a pgrad file has at least 8") }
    var length: UInt64 = 0
    try withUnsafeMutableBytes(of: &length) { (bytes) throws(Refusal) in try source.copy(from: 0, to: bytes) }
    length = UInt64(littleEndian: length)
    let longest = min(source.count - 8, TensorFile.largestHeader)
    guard length <= longest else { throw bad("its header would have \(length) bytes; it can have at most \(longest)") }
    let text = try Buffer<UInt8>(count: Int(length))
    try source.copy(from: 8, to: UnsafeMutableRawBufferPointer(text.elements))
    let data = 8 + Int(length)
    let size = source.count - data
    guard let header = JSONParser.parse(UnsafeBufferPointer(text.elements))?.object else {
      throw bad("its header is not a JSON object")
    }
    var dataEnd = 0
    for (name, value) in header.sorted(by: { $0.key < $1.key }) {
      if name == "__metadata__" {
        metadata = value.object?.compactMapValues(\.string) ?? [:]
        continue
      }
      guard
        let tensor = value.object, let type = tensor["dtype"]?.string,
        let shape = tensor["shape"]?.array?.map(\.number), let offsets = tensor["data_offsets"]?.array,
        offsets.count == 2, let start = offsets[0].number, let end = offsets[1].number,
        start >= 0, start <= end, end <= size
      else { throw bad("tensor \"\(name)\" has no complete description, or ends after the end of the file") }
      let whole = shape.compactMap { $0 }
      guard whole.count == shape.count, whole.allSatisfy({ $0 >= 0 }) else {
        throw bad("tensor \"\(name)\" has no valid shape")
      }
      stored[name] = StoredTensor(type: type, shape: whole, range: data + start..<data + end, source: source)
      dataEnd = max(dataEnd, end)
    }
    guard dataEnd == size else { throw bad("\(size - dataEnd) bytes at its end belong to no tensor") }
  }

  /// A text; throws if it is missing.
  func text(_ key: String) throws(Refusal) -> String {
    guard let value = metadata[key] else { throw Refusal(.badFile, "its metadata lacks \"\(key)\"") }
    return value
  }

  /// Copies a tensor with this shape into the buffer.
  package func read<Element: TensorElement>(
    _ name: String, into buffer: Buffer<Element>, at offset: Int = 0, shape: [Int]
  ) throws(Refusal) {
    guard let tensor = stored[name] else { throw Refusal(.badFile, "it lacks the tensor \"\(name)\"") }
    let size = shape.reduce(1, *) * MemoryLayout<Element>.size
    guard tensor.type == Element.tensorType, tensor.shape == shape, tensor.range.count == size else {
      throw Refusal(
        .badFile,
        "tensor \"\(name)\" is \(tensor.type) \(tensor.shape) of \(tensor.range.count) bytes; it must be \(Element.tensorType) \(shape)"
      )
    }
    try tensor.source.copy(
      from: tensor.range.lowerBound, to: UnsafeMutableRawBufferPointer(start: buffer.pointer + offset, count: size))
  }

  /// A vector of any length up to `limit`.
  package func vector<Element: TensorElement>(
    _ name: String, of type: Element.Type, limit: Int
  ) throws(Refusal) -> [Element] {
    guard let tensor = stored[name], tensor.shape.count == 1, tensor.shape[0] <= limit else {
      throw Refusal(.badFile, "it lacks the vector \"\(name)\"")
    }
    // Its bytes are in the file, so a short file takes little memory.
    guard tensor.range.count == tensor.shape[0] * MemoryLayout<Element>.size else {
      throw Refusal(.badFile, "the vector \"\(name)\" of \(tensor.shape[0]) numbers has \(tensor.range.count) bytes")
    }
    let buffer = try Buffer<Element>(count: tensor.shape[0])
    try read(name, into: buffer, shape: tensor.shape)
    return Array(buffer.elements)
  }
}

/// A number that a tensor file can hold.
package protocol TensorElement: BitwiseCopyable {
  static var tensorType: String { get }
}

extension Float: TensorElement { package static var tensorType: String { "F32" } }
extension Double: TensorElement { package static var tensorType: String { "F64" } }
extension Int32: TensorElement { package static var tensorType: String { "I32" } }
extension Int64: TensorElement { package static var tensorType: String { "I64" } }
extension UInt64: TensorElement { package static var tensorType: String { "U64" } }
extension UInt8: TensorElement { package static var tensorType: String { "U8" } }

extension TensorFile {
  /// The format of files that this version writes. It grows with the first release whose files need a key that earlier
  /// files lack.
  static let currentFormat = 3

  mutating func setCurrentFormat() { set("pgrad.format", "\(TensorFile.currentFormat)") }

  /// The format of the file, from 1. Refuses a format that this version does not know.
  var format: Int {
    get throws(Refusal) {
      let text = try text("pgrad.format")
      let known = "this version reads the formats 1 to \(TensorFile.currentFormat)"
      guard let number = Int(text), number >= 1 else { throw Refusal(.badFile, "it has format \"\(text)\"; \(known)") }
      guard number <= TensorFile.currentFormat else {
        throw Refusal(.badFile, "it has format \(number), which a later version of pgrad writes; \(known)")
      }
      return number
    }
  }
}

extension TensorFile {
  /// What identifies every text and tensor for which `isCompared` is true, first the texts, each in the order of names:
  /// the value of a short number, else a checksum. Equal files have equal numbers.
  func comparison(where isCompared: (String) -> Bool) -> [(name: String, value: Double)] {
    let texts = metadata.filter { isCompared($0.key) }.sorted { $0.key < $1.key }
    let tensors = tensorBytes.filter { isCompared($0.name) }.sorted { $0.name < $1.name }
    return texts.map { TensorFile.number(of: $0.value, $0.key) }
      + tensors.map { (name: "the checksum of \($0.name)", value: TensorFile.checksum(of: $0.bytes)) }
  }

  private static func number(of text: String, _ name: String) -> (name: String, value: Double) {
    // Every whole number below 2⁵³ is a double.
    if let value = Double(text), value.magnitude < 0x1p53 { return (name, value) }
    return ("the checksum of \(name)", Array(text.utf8).withUnsafeBytes { checksum(of: $0) })
  }

  /// The lowest 52 bits of the FNV-1a hash (Fowler, Noll & Vo), as a whole number.
  private static func checksum(of bytes: UnsafeRawBufferPointer) -> Double {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Double(hash & (1 << 52 - 1))
  }
}
