/// One part of an action space: the kind of its distribution, its size and its bounds.
package struct ActionPart: Equatable, Sendable {
  package let kind: Kind
  /// Number of choices of a categorical part; number of columns of any other.
  package let size: Int
  /// Bounds of a continuous part; infinite for an unbounded Gaussian.
  package let low: Float
  package let high: Float
  /// Columns of an action.
  package let columns: Int
  let isContinuous: Bool

  package init(_ kind: Kind, size: Int, low: Float = -.infinity, high: Float = .infinity) {
    self.kind = kind
    self.size = size
    self.low = low
    self.high = high
    let traits = kind.distribution.traits
    columns = traits.columns(size: size)
    isContinuous = traits.isContinuous
  }

  /// How many network outputs the part uses.
  package func outputs(stateDependentStd: Bool) -> Int {
    kind.distribution.traits.outputs(size: size, stateDependentStd: stateDependentStd)
  }
}

extension ActionPart: CustomStringConvertible {
  /// Whether both parts have the same actions. Bounds of discrete parts are ignored.
  func isSame(as other: ActionPart) -> Bool {
    kind == other.kind && size == other.size && (!isContinuous || (low == other.low && high == other.high))
  }

  package var description: String { "\(kind.name)(\(size))\(isContinuous ? " on [\(low), \(high)]" : "")" }
}

extension ActionPart {
  /// Refuses a part with an invalid size or bounds. `name` is how the message calls it.
  package func validate(_ name: @autoclosure () -> String) throws(Refusal) {
    let traits = kind.distribution.traits
    try require(size, in: 1...Limits.size, "\(name()).size")
    guard isContinuous else { return }
    try require(low < high, "\(name()).low", "\(low)", "be below high, \(high)")
    guard !traits.isClipped else { return }
    try require(low.isFinite, "\(name()).low", "\(low)", "be finite for a \(kind.name) part")
    try require(high.isFinite, "\(name()).high", "\(high)", "be finite for a \(kind.name) part")
    try require(
      (high - low).isFinite, "\(name()).high", "\(high)",
      "be closer to low, \(low): high - low must be a finite float")
  }
}

extension [ActionPart] {
  /// Whether actions of these parts are valid for an environment with the parts `asked`: the discrete parts are equal,
  /// and between them lie equally many real columns of any kind. Bounds may differ, since actions are clipped.
  package func fits(_ asked: [ActionPart]) -> Bool { outline == asked.outline }

  /// The discrete parts, and in place of neighbouring continuous parts one part with all their columns.
  private var outline: [ActionPart] {
    reduce(into: []) { outline, part in
      if part.isContinuous, let last = outline.last, last.isContinuous {
        outline[outline.count - 1] = ActionPart(.gaussian, size: last.size + part.size)
      } else {
        outline.append(ActionPart(part.isContinuous ? .gaussian : part.kind, size: part.size))
      }
    }
  }

  /// How messages describe parts.
  package var summary: String {
    "[\(map { "\($0.kind.name)(\($0.size))" }.joined(separator: ", "))]"
  }
}

/// The bounds of a squashed or beta part as its kernels take them.
struct ActionBounds {
  let low: Double
  let high: Double
  var range: Double { high - low }
  /// An action on a bound is treated as this far inside it: a quarter of the distance to the next float. Such an action
  /// still rounds to the bound, and its log-probability is finite.
  let lowMargin: Double
  let highMargin: Double

  init(_ part: ActionPart) {
    low = Double(part.low)
    high = Double(part.high)
    lowMargin = (Double(part.low.nextUp) - low) / 4
    highMargin = (high - Double(part.high.nextDown)) / 4
  }
}

extension [ActionPart] {
  /// How files describe an action space.
  package var text: String {
    map { "\($0.kind.rawValue) \($0.size) \($0.low) \($0.high)" }.joined(separator: ";")
  }

  /// The parts that a file describes. Their sizes may still be out of range.
  package init(text: String) throws(Refusal) {
    self = []
    for word in text.split(separator: ";") {
      let numbers = word.split(separator: " ")
      guard
        numbers.count == 4, let kind = Int32(numbers[0]).flatMap(ActionPart.Kind.init), let size = Int(numbers[1]),
        let low = Float(numbers[2]), let high = Float(numbers[3])
      else { throw Refusal(.badFile, "\"\(word)\" in it does not describe a part of an action space") }
      append(ActionPart(kind, size: size, low: low, high: high))
    }
  }
}
