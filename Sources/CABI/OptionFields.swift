import PolicyGradient

/// A field of a C structure of options, and the engine's option of the same name.
struct OptionField<Structure, Configuration: OptionTable>: Sendable {
  let field: PartialKeyPath<Structure> & Sendable
  let property: PartialKeyPath<Configuration> & Sendable
  /// Reads the option. Refuses values that the engine's type cannot hold.
  let read: @Sendable (Structure, inout Configuration) throws(Refusal) -> Void
  let write: @Sendable (Configuration, inout Structure) -> Void

  private init<Field: Sendable, Value: Sendable>(
    _ field: WritableKeyPath<Structure, Field> & Sendable, _ property: WritableKeyPath<Configuration, Value> & Sendable,
    read: @escaping @Sendable (Field, _ name: () -> String) throws(Refusal) -> Value,
    write: @escaping @Sendable (Value) -> Field
  ) {
    self.field = field
    self.property = property
    self.read = { (structure, configuration) throws(Refusal) in
      configuration[keyPath: property] = try read(structure[keyPath: field]) { Configuration.name(of: property) }
    }
    self.write = { $1[keyPath: field] = write($0[keyPath: property]) }
  }

  /// A number of the same type on both sides.
  static func number<Value: Sendable>(
    _ field: WritableKeyPath<Structure, Value> & Sendable, _ property: WritableKeyPath<Configuration, Value> & Sendable
  ) -> Self {
    Self(field, property, read: { (value, _) throws(Refusal) in value }, write: { $0 })
  }

  /// A whole number, at most ``Limits/rows`` so that products cannot overflow. The engine checks its range.
  static func count(
    _ field: WritableKeyPath<Structure, Int64> & Sendable, _ property: WritableKeyPath<Configuration, Int> & Sendable
  ) -> Self {
    Self(
      field, property,
      read: { (value, name) throws(Refusal) in
        try require(value, in: 0...Int64(Limits.rows), name())
        return Int(value)
      },
      write: { Int64($0) })
  }

  /// A whole number of 32 bits. The engine checks its range.
  static func count(
    _ field: WritableKeyPath<Structure, Int32> & Sendable, _ property: WritableKeyPath<Configuration, Int> & Sendable
  ) -> Self {
    Self(field, property, read: { (value, _) throws(Refusal) in Int(value) }, write: { Int32($0) })
  }

  /// 0 or 1.
  static func flag(
    _ field: WritableKeyPath<Structure, Int32> & Sendable, _ property: WritableKeyPath<Configuration, Bool> & Sendable
  ) -> Self {
    Self(
      field, property, read: { (value, name) throws(Refusal) in try zeroOrOne(value, name()) }, write: { $0 ? 1 : 0 })
  }

  /// One of an enumeration's values.
  static func choice<Value: RawRepresentable<Int32> & Sendable>(
    _ field: WritableKeyPath<Structure, Int32> & Sendable, _ property: WritableKeyPath<Configuration, Value> & Sendable,
    _ expected: String
  ) -> Self {
    Self(
      field, property, read: { (value, name) throws(Refusal) in try knownCase(value, name(), expected) },
      write: { $0.rawValue })
  }
}

/// A C structure whose fields are the options of a configuration.
protocol OptionStructure {
  associatedtype Configuration: OptionTable
  static var fields: [OptionField<Self, Configuration>] { get }
}

extension OptionStructure {
  /// Writes every option into its field.
  mutating func set(_ configuration: Configuration) {
    for field in Self.fields { field.write(configuration, &self) }
  }

  /// Reads every option from its field.
  func read(into configuration: inout Configuration) throws(Refusal) {
    for field in Self.fields { try field.read(self, &configuration) }
  }
}

/// The case with this number; refuses numbers that are no case.
func knownCase<Value: RawRepresentable>(
  _ value: Value.RawValue, _ name: @autoclosure () -> String, _ expected: @autoclosure () -> String,
  as type: Value.Type = Value.self
) throws(Refusal) -> Value {
  guard let result = Value(rawValue: value) else {
    throw Refusal(.invalidArgument, "\(name()) is \(value); it must be \(expected())")
  }
  return result
}

/// 0 or 1 as a Boolean; refuses other numbers.
func zeroOrOne(_ value: Int32, _ name: @autoclosure () -> String) throws(Refusal) -> Bool {
  try require(value, in: 0...1, name())
  return value == 1
}
