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

// Structures of options, which begin with their size. New versions add fields only at the end.

/// The largest accepted size. All sizes are multiples of 8, which cut no field.
private let largestSize = 4_096

private func checkStructSize(_ size: Int, _ name: StaticString) throws(Refusal) {
  try require(
    size >= 8 && size <= largestSize && size % 8 == 0, "\(name)", "\(size)",
    "be sizeof of the structure, as its init function writes it")
}

/// Reads a caller's structure. Fields that an older structure lacks are taken from `defaults`; additional fields of a
/// newer structure must be zero.
func readOptions<Options: BitwiseCopyable>(
  _ given: UnsafePointer<Options>?, defaults: Options, _ name: StaticString
) throws(Refusal) -> Options {
  let bytes = UnsafeRawPointer(try nonNull(given, name))
  let size = Int(bytes.loadUnaligned(as: UInt32.self))
  try checkStructSize(size, "struct_size")
  let known = MemoryLayout<Options>.size
  for place in stride(from: known, to: size, by: 1) where bytes.load(fromByteOffset: place, as: UInt8.self) != 0 {
    throw Refusal(
      .unsupported,
      "\(name).struct_size is \(size), but byte \(place) is not 0; this library knows only the first \(known) bytes"
    )
  }
  var options = defaults
  withUnsafeMutableBytes(of: &options) { $0.baseAddress?.copyMemory(from: bytes, byteCount: min(size, known)) }
  return options
}

/// Fills a caller's structure of `size` bytes. Bytes that this library does not know become zero.
func writeOptions<Options: BitwiseCopyable>(
  _ place: UnsafeMutablePointer<Options>?, _ size: Int, with options: Options, _ name: StaticString
) throws(Refusal) {
  let bytes = UnsafeMutableRawPointer(try nonNull(place, name))
  try checkStructSize(size, "struct_size")
  let known = MemoryLayout<Options>.size
  bytes.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  withUnsafeBytes(of: options) { options in
    guard let base = options.baseAddress else { return }
    bytes.copyMemory(from: base, byteCount: min(size, known))
  }
  bytes.storeBytes(of: UInt32(size), as: UInt32.self)
}
