/// A row of a configuration's table: an option's name in the C header and in files, its property, and its range.
///
/// An option that was added later states the first format of files that contain it: `since`. Files of earlier formats
/// leave it at its default, which must mean what the library did without the option.
package struct Option<Configuration, Context>: Sendable {
  package let name: String
  /// The first format of files that contain the option.
  let format: Int
  package let property: PartialKeyPath<Configuration> & Sendable
  let store: @Sendable (Configuration, inout Fields) -> Void
  let load: @Sendable (Fields, inout Configuration) throws(Refusal) -> Void
  let check: @Sendable (Configuration, Context) throws(Refusal) -> Void

  /// A rule that relates an option to other options and to the context.
  typealias Requirement = @Sendable (Configuration) -> (Context) throws(Refusal) -> Void

  init<Value: LosslessStringConvertible & Sendable>(
    _ name: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ range: OptionRange<Value> = .any,
    since format: Int = 1, requires requirement: Requirement? = nil
  ) {
    self.init(
      name, property, range, format, requirement, text: { $0.description },
      value: { (fields: Fields) throws(Refusal) in try fields.get(name) })
  }

  /// An option that is one of several numbered cases.
  init<Value: RawRepresentable<Int32> & Sendable>(
    _ name: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ range: OptionRange<Value> = .any,
    since format: Int = 1, requires requirement: Requirement? = nil
  ) {
    self.init(
      name, property, range, format, requirement, text: { $0.rawValue.description },
      value: { (fields: Fields) throws(Refusal) in try fields.get(name) })
  }

  private init<Value: Sendable>(
    _ name: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ range: OptionRange<Value>,
    _ format: Int, _ requirement: Requirement?, text: @escaping @Sendable (Value) -> String,
    value: @escaping @Sendable (Fields) throws(Refusal) -> Value
  ) {
    self.name = name
    self.format = format
    self.property = property
    store = { $1.set(name, text($0[keyPath: property])) }
    load = { (fields, configuration) throws(Refusal) in configuration[keyPath: property] = try value(fields) }
    check = { (configuration, context) throws(Refusal) in
      try range.check(configuration[keyPath: property], name)
      try requirement?(configuration)(context)
    }
  }
}

/// A configuration whose options are the rows of a table.
package protocol OptionTable: Sendable {
  /// The context of the checks: the policy of an agent; nothing for a policy.
  associatedtype Context
  /// The options, in the order in which they are checked.
  static var options: [Option<Self, Context>] { get }
}

extension OptionTable {
  func store(in fields: inout Fields) {
    for option in Self.options { option.store(self, &fields) }
  }

  /// Reads the options that files of a format contain; the others do not change.
  mutating func load(from fields: Fields, format: Int) throws(Refusal) {
    for option in Self.options where option.format <= format { try option.load(fields, &self) }
  }

  /// Refuses options out of range, and those that contradict others or the context.
  func validate(for context: Context) throws(Refusal) {
    for option in Self.options { try option.check(self, context) }
  }

  /// The name of the option of a property.
  package static func name(of property: PartialKeyPath<Self>) -> String {
    options.first { $0.property == property }?.name ?? "\(property)"
  }
}
