import PolicyGradient

// What single fields of options are turned into.

/// A count that leaves room to be multiplied; what it may be exactly is for the engine to say.
func wholeNumber(_ value: Int64, _ name: StaticString) throws(Refusal) -> Int {
  try require(value, in: 0...Int64(Limits.rows), "\(name)")
  return Int(value)
}

/// A field that holds one of an enumeration's values.
func knownCase<Value: RawRepresentable>(
  _ value: Value.RawValue, _ name: StaticString, _ expected: StaticString, as type: Value.Type = Value.self
) throws(Refusal) -> Value {
  guard let result = Value(rawValue: value) else {
    throw Refusal(.invalidArgument, "\(name) is \(value); it must be \(expected)")
  }
  return result
}

/// A field that is 0 or 1.
func flag(_ value: Int32, _ name: StaticString) throws(Refusal) -> Bool {
  try require(value, in: 0...1, "\(name)")
  return value == 1
}
