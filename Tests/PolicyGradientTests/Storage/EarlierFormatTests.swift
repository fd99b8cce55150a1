import Testing

@testable import PolicyGradient

/// Files of formats before and after this version's.
struct EarlierFormatTests {
  /// Options of which the second was added in format 2.
  private struct Table: OptionTable {
    var first = 1
    var second = 10
    static let options: [Option<Table, Void>] = [
      Option("first", \.first), Option("second", \.second, since: 2),
    ]
  }

  private func loaded(_ texts: [String: Int], format: Int) throws(Refusal) -> [Int] {
    var fields = Fields("table", in: TensorFile())
    for (name, value) in texts { fields.set(name, value) }
    var table = Table()
    try table.load(from: fields, format: format)
    return [table.first, table.second]
  }

  @Test func anOptionThatWasAddedLaterKeepsItsDefault() throws {
    #expect(try loaded(["first": 5], format: 1) == [5, 10])
    #expect(try loaded(["first": 5, "second": 6], format: 2) == [5, 6])
    #expect(try loaded(["first": 5, "second": 6], format: 3) == [5, 6])
  }

  @Test func anOptionThatTheFormatContainsIsRequired() {
    #expect(refusal { _ = try loaded(["second": 6], format: 1) }?.message == "its metadata lacks \"table.first\"")
    #expect(refusal { _ = try loaded(["first": 5], format: 2) }?.message == "its metadata lacks \"table.second\"")
  }

  @Test func everyOptionIsRequiredInFilesOfTheCurrentFormat() throws {
    func expectRequired<Table: OptionTable>(_ configuration: Table) throws {
      for missing in Table.options {
        var fields = Fields("x", in: TensorFile())
        for option in Table.options where option.name != missing.name { option.store(configuration, &fields) }
        var copy = configuration
        let refusal = refusal { try copy.load(from: fields, format: TensorFile.currentFormat) }
        #expect(refusal?.message == "its metadata lacks \"x.\(missing.name)\"")
      }
    }
    try expectRequired(AgentConfiguration(.ppo))
    try expectRequired(PolicyConfiguration(observationSize: 1, parts: []))
  }

  @Test func aFormatThatThisVersionDoesNotKnowIsRefused() throws {
    let current = TensorFile.currentFormat
    for format in 1...current { #expect(try file("\(format)").format == format) }
    let known = "this version reads the formats 1 to \(current)"
    #expect(
      refusal { _ = try file("\(current + 1)").format }?.message
        == "it has format \(current + 1), which a later version of pgrad writes; \(known)")
    for text in ["", "0", "-1", "1.5", "x"] {
      #expect(refusal { _ = try file(text).format }?.message == "it has format \"\(text)\"; \(known)")
    }
    #expect(refusal { _ = try TensorFile().format }?.message == "its metadata lacks \"pgrad.format\"")
    #expect(refusal { _ = try FileContent(of: file("\(current + 1)")) }?.reason == .badFile)
    #expect(refusal { _ = try Policy(from: file("\(current + 1)")) }?.message.contains("later version") == true)
  }

  private func file(_ format: String) -> TensorFile {
    var file = TensorFile()
    file.set("pgrad.format", format)
    return file
  }
}
