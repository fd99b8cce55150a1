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
