import Testing

@testable import PolicyGradient

struct PolicyNoteTests {
  private func policy() throws -> Policy {
    try Policy(PolicyConfiguration(observationSize: 1, parts: [ActionPart(.categorical, size: 2)]))
  }

  private func file(_ policy: Policy) throws -> TensorFile {
    var file = TensorFile()
    try policy.store(in: &file)
    return file
  }

  /// The policy of a file, by its bytes.
  private func policy(of file: TensorFile) throws -> Policy {
    let memory = try Buffer<UInt8>(count: file.write(into: nil))
    _ = try file.write(into: UnsafeMutableRawBufferPointer(memory.elements))
    return try TensorFile.load(bytes: UnsafeRawBufferPointer(memory.elements)) { (file) throws(Refusal) in
      try Policy(from: file)
    }
  }

  @Test func aFileHoldsTheNoteOfItsPolicy() throws {
    let policy = try policy()
    try policy.setNote("π 😀")
    #expect(try file(policy).metadata["policy.note"] == "π 😀")
    #expect(try self.policy(of: file(policy)).note == "π 😀")
  }

  @Test func withoutANoteTheFileHasNoFieldForOne() throws {
    let policy = try policy()
    #expect(try file(policy).metadata["policy.note"] == nil)
    #expect(try self.policy(of: file(policy)).note == "")
  }

  @Test func aLongerNoteIsRefusedAndTheOldOneStays() throws {
    let policy = try policy()
    let longest = String(repeating: "x", count: Limits.noteBytes)
    try policy.setNote(longest)
    #expect(
      refusal { try policy.setNote(longest + "x") }
        == Refusal(.invalidArgument, "note is 131073 bytes long; it must be at most 131072 bytes long"))
    #expect(policy.note == longest)
  }

  @Test(arguments: [String(repeating: "x", count: Limits.noteBytes + 1), "zero \0 byte"])
  func aFileWhoseNoteNoPolicyCanHaveIsRefused(note: String) throws {
    var file = try file(policy())
    file.set("policy.note", note)
    let found = refusal { _ = try self.policy(of: file) }
    #expect(found?.reason == .badFile)
    #expect(found?.message.contains("note") == true)
  }
}
