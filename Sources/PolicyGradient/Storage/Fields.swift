/// Numbers and names in a file's metadata, stored as strings.
package struct Fields {
  let prefix: String
  package private(set) var file: TensorFile

  package init(_ prefix: String, in file: TensorFile) {
    self.prefix = prefix
    self.file = file
  }

  package mutating func set(_ name: String, _ value: some CustomStringConvertible) {
    file.set("\(prefix).\(name)", value.description)
  }

  package func has(_ name: String) -> Bool { file.metadata["\(prefix).\(name)"] != nil }

  package func text(_ name: String) throws(Refusal) -> String { try file.text("\(prefix).\(name)") }

  package func get<Value: LosslessStringConvertible>(
    _ name: String, _ type: Value.Type = Value.self
  ) throws(Refusal) -> Value {
    let text = try text(name)
    guard let value = Value(text) else {
      throw Refusal(.badFile, "its \"\(prefix).\(name)\" is \"\(text)\"; it must be of type \(Value.self)")
    }
    return value
  }

  /// The largest value of a counter. No training reaches it, and sums of a hundred counters do not overflow.
  package static let largestCount: Int64 = 1 << 56

  /// A counter with room to count further.
  package func count(_ name: String, limit: Int64 = Fields.largestCount) throws(Refusal) -> Int64 {
    let count: Int64 = try get(name)
    guard (0...limit).contains(count) else {
      throw Refusal(.badFile, "its \"\(prefix).\(name)\" is \(count); it must lie in [0, \(limit)]")
    }
    return count
  }

  /// A positive, finite number.
  func positive(_ name: String) throws(Refusal) -> Double {
    let value: Double = try get(name)
    guard value > 0, value.isFinite else {
      throw Refusal(.badFile, "its \"\(prefix).\(name)\" is \(value); it must be above 0 and finite")
    }
    return value
  }

  package func get<Value: RawRepresentable>(_ name: String, as type: Value.Type = Value.self) throws(Refusal) -> Value
  where Value.RawValue == Int32 {
    let number: Int32 = try get(name)
    guard let value = Value(rawValue: number) else {
      throw Refusal(.badFile, "its \"\(prefix).\(name)\" is \(number), which this version does not know")
    }
    return value
  }
}
