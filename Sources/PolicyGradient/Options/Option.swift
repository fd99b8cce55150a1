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

/// Which values an option may have, independent of other options.
struct OptionRange<Value>: Sendable {
  /// Refuses a value, by the option's name.
  let check: @Sendable (_ value: Value, _ name: String) throws(Refusal) -> Void

  static var any: Self { OptionRange { _, _ in } }
}

extension OptionRange where Value: Comparable & Sendable {
  static func within(_ range: ClosedRange<Value>) -> Self {
    OptionRange { (value, name) throws(Refusal) in try require(value, in: range, name) }
  }
}

extension OptionRange<Double> {
  static var positive: Self {
    OptionRange { (value, name) throws(Refusal) in try requirePositive(value, name) }
  }

  static var nonNegative: Self {
    OptionRange { (value, name) throws(Refusal) in try requireNonNegative(value, name) }
  }

  /// Above 0 and below 1.
  static var fraction: Self {
    OptionRange { (value, name) throws(Refusal) in
      try require(value > 0 && value < 1, name, "\(value)", "be above 0 and below 1")
    }
  }

  /// The decay of a running mean: at least 0, and below 1 also when rounded to a float, which the kernels use.
  static var decay: Self {
    OptionRange { (value, name) throws(Refusal) in
      try require(value >= 0 && Float(value) < 1, name, "\(value)", "lie in [0, 1), also when rounded to a float")
    }
  }

  /// Above 0 also when rounded to a float, which the kernels use.
  static var positiveAsFloat: Self {
    OptionRange { (value, name) throws(Refusal) in
      try requirePositive(value, name)
      try require(Float(value) > 0, name, "\(value)", "be above 0, also when rounded to a float")
    }
  }

  /// Above 0 and finite when rounded to a float.
  static var finiteAsFloat: Self {
    OptionRange { (value, name) throws(Refusal) in
      try require(
        Float(value) > 0 && Float(value).isFinite, name, "\(value)",
        "be above 0 and finite, also when rounded to a float")
    }
  }
}
