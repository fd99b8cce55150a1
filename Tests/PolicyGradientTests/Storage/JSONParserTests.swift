import Testing

@testable import PolicyGradient

struct JSONParserTests {
  private func parse(_ text: String) -> JSON? { parse(Array(text.utf8)) }

  private func parse(_ bytes: [UInt8]) -> JSON? { bytes.withUnsafeBufferPointer { JSONParser.parse($0) } }

  @Test func valuesAreRead() {
    #expect(parse(" null ") == .null)
    #expect(parse("[true,\tfalse\r\n]") == .array([.boolean(true), .boolean(false)]))
    #expect(parse("[0,-12,9223372036854775807]") == .array([.number(0), .number(-12), .number(.max)]))
    #expect(parse(#"{"a":{"b":[]},"c":"d"}"#) == .object(["a": .object(["b": .array([])]), "c": .string("d")]))
    #expect(parse(#""\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00""#) == .string("\"\\/\u{8}\u{c}\n\r\téé😀"))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "nul", "nulll",
    "tru",
    "-", "1.5", "1e3", "9223372036854775808", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\uD800\"",
    "\"\\uDC00\"", "\"\\uD800\\u0041\"", "\"\n\"", "{\"a\":1,\"a\":2}", "1 1", "[1]]",
  ])
  func whatIsNoValueIsRefused(text: String) {
    #expect(parse(text) == nil)
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(parse([0x22, 0xFF, 0x22]) == nil)
    #expect(parse([0x22, 0xC3, 0x22]) == nil)
    #expect(parse([0x22, 0xED, 0xA0, 0x80, 0x22]) == nil)
  }

  @Test func depthIsLimited() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(parse(nested(32)) != nil)
    #expect(parse(nested(33)) == nil)
    #expect(parse(String(repeating: "[", count: 1_000_000)) == nil)
    #expect(parse(String(repeating: "{\"a\":", count: 100_000)) == nil)
  }

  @Test func textsSurviveQuoting() {
    let all = String(String.UnicodeScalarView((0..<0x3000).compactMap(Unicode.Scalar.init)))
    for text in ["", "\"\\", "\u{0}\u{1F}", "é😀", all] { #expect(parse(JSON.quoted(text)) == .string(text)) }
  }

  /// A header as the library writes it.
  private func header() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let parts = [ActionPart(.categorical, size: 2), ActionPart(.gaussian, size: 1, low: -1)]
    try randomPolicy(1, parts, hidden: [2], seed: 1).save(folder.path("policy"))
    let bytes = try contents(folder.path("policy"))
    return Array(bytes[8..<8 + Int(bytes[0]) + Int(bytes[1]) << 8])
  }

  @Test func noPrefixOfAHeaderIsAValue() throws {
    var header = try header()
    while header.last == UInt8(ascii: " ") { header.removeLast() }
    #expect(parse(header)?.object != nil)
    for length in header.indices { #expect(parse(Array(header[..<length])) == nil) }
  }

  @Test func everyChangeOfAByteEndsInAValueOrARefusal() throws {
    var header = try header()
    var (values, refusals) = (0, 0)
    for place in header.indices {
      let byte = header[place]
      for change in 0...UInt8.max where change != byte {
        header[place] = change
        if parse(header) == nil { refusals += 1 } else { values += 1 }
      }
      header[place] = byte
    }
    // Most changes fall into texts and digits, which hold other ones as well.
    #expect(values > 0 && refusals > 0 && values + refusals == 255 * header.count)
  }

  @Test func randomBytesEndInAValueOrARefusal() {
    var random = TestRandom(1)
    let alphabet = Array(#"{}[]":,\u0dtfnrale-19 "#.utf8)
    for _ in 0..<20_000 {
      var bytes: [UInt8] = []
      for _ in 0..<random.below(24) { bytes.append(alphabet[random.below(alphabet.count)]) }
      _ = parse(bytes)
    }
  }
}
