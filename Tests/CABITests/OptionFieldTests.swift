import CPGrad
import PolicyGradient
import Testing

@testable import CABI

/// Every field of a C structure of options is an option of the engine, and every option a field.
struct OptionFieldTests {
  @Test func everyFieldOfAnAgentIsOneOptionOfTheSameName() throws {
    try agree(pgrad_agent_config(), except: ["struct_size", "reserved", "reserved_2"])
  }

  @Test func everyFieldOfAPolicyIsOneOptionOfTheSameName() throws {
    let sizes: Set = [
      "observation_size", "parts", "part_count", "hidden_sizes", "hidden_count", "value_hidden_sizes",
      "value_hidden_count", "observation_parts", "observation_part_count", "convolutions", "convolution_count",
      "encoder_size",
    ]
    let others: Set = ["struct_size", "reserved", "reserved_2", "reserved_3", "reserved_4"]
    try agree(pgrad_policy_config(), except: sizes.union(others))
  }

  @Test func everyFieldOfAnOptimizerIsOneOptionOfTheSameName() throws {
    try agree(pgrad_optimizer_config(), except: ["struct_size"])
  }

  private func agree<Structure: OptionStructure & BitwiseCopyable>(
    _ empty: Structure, except others: Set<String>
  ) throws {
    let inHeader = Mirror(reflecting: empty).children.compactMap(\.label).filter { !others.contains($0) }
    #expect(!inHeader.isEmpty)
    let inC = try Structure.fields.map { try label(of: $0.field, in: empty) }
    #expect(inC == Structure.fields.map { Structure.Configuration.name(of: $0.property) })
    #expect(inC.sorted() == inHeader.sorted())
    #expect(Structure.Configuration.options.map(\.name).sorted() == inHeader.sorted())
  }

  /// The name of the field that changes with the byte at which a key path says it begins.
  private func label<Structure: BitwiseCopyable>(of field: PartialKeyPath<Structure>, in empty: Structure) throws
    -> String
  {
    let offset = try #require(MemoryLayout<Structure>.offset(of: field))
    var changed = empty
    withUnsafeMutableBytes(of: &changed) { $0[offset] = 1 }
    let children = zip(Mirror(reflecting: empty).children, Mirror(reflecting: changed).children)
    return try #require(children.first { "\($0.value)" != "\($1.value)" }?.0.label)
  }
}
