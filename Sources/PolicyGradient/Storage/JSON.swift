/// A JSON value, limited to the needs of a tensor file's header.
enum JSON: Equatable {
  case null
  case boolean(Bool)
  /// Whole numbers only: shapes and offsets.
  case number(Int)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  var string: String? { if case .string(let value) = self { value } else { nil } }
  var number: Int? { if case .number(let value) = self { value } else { nil } }
  var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

  /// The text of a string in JSON, quotes included.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Parses JSON (RFC 8259) from untrusted bytes: returns a value or `nil` for any input.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var depth = 0
  private static let maximumDepth = 32

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The value of the bytes; `nil` if they are not exactly one value.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> JSON? {
    var parser = JSONParser(bytes)
    guard let value = parser.value() else { return nil }
    parser.skipSpace()
    return parser.place == bytes.count ? value : nil
  }

  private mutating func value() -> JSON? {
    skipSpace()
    guard let byte = peek else { return nil }
    switch byte {
    case UInt8(ascii: "{"): return nested { $0.object() }
    case UInt8(ascii: "["): return nested { $0.array() }
    case UInt8(ascii: "\""): return string().map(JSON.string)
    case UInt8(ascii: "t"): return consume("true") ? .boolean(true) : nil
    case UInt8(ascii: "f"): return consume("false") ? .boolean(false) : nil
    case UInt8(ascii: "n"): return consume("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func nested(_ body: (inout JSONParser) -> JSON?) -> JSON? {
    guard depth < JSONParser.maximumDepth else { return nil }
    depth += 1
    defer { depth -= 1 }
    place += 1
    return body(&self)
  }

  private mutating func object() -> JSON? {
    var members: [String: JSON] = [:]
    if close("}") { return .object(members) }
    while true {
      skipSpace()
      guard let name = string() else { return nil }
      skipSpace()
      guard consume(":"), let member = value(), members.updateValue(member, forKey: name) == nil else { return nil }
      if close("}") { return .object(members) }
      guard consume(",") else { return nil }
    }
  }

  private mutating func array() -> JSON? {
    var elements: [JSON] = []
    if close("]") { return .array(elements) }
    while true {
      guard let element = value() else { return nil }
      elements.append(element)
      if close("]") { return .array(elements) }
      guard consume(",") else { return nil }
    }
  }

  private mutating func number() -> JSON? {
    let isNegative = consume("-")
    var number = 0
    let first = place
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, further) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow, !further else { return nil }
      number = sum
      place += 1
    }
    return place > first ? .number(isNegative ? -number : number) : nil
  }

  private mutating func string() -> String? {
    guard consume("\"") else { return nil }
    var text: [UInt8] = []
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard escape(into: &text) else { return nil }
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape(into text: inout [UInt8]) -> Bool {
    guard let byte = peek else { return false }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal() else { return false }
      var code = UInt32(unit)
      if unit & 0xFC00 == 0xD800 {
        guard consume("\\u"), let low = hexadecimal(), low & 0xFC00 == 0xDC00 else { return false }
        code = 0x10000 + (UInt32(unit & 0x3FF) << 10) + UInt32(low & 0x3FF)
      }
      guard let scalar = Unicode.Scalar(code) else { return false }
      text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    default: return false
    }
    return true
  }

  private mutating func hexadecimal() -> UInt16? {
    guard place + 4 <= bytes.count else { return nil }
    defer { place += 4 }
    var unit: UInt16 = 0
    for byte in bytes[place..<place + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private mutating func close(_ text: StaticString) -> Bool {
    skipSpace()
    return consume(text)
  }

  private mutating func consume(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place + count <= bytes.count else { return false }
    for index in 0..<count where bytes[place + index] != text.utf8Start[index] { return false }
    place += count
    return true
  }
}
