/// What one part of an action space holds.
package struct ActionPart: Equatable, Sendable {
  package let kind: Kind
  /// Choices of a categorical part, columns of any other.
  package let size: Int
  /// Bounds of a continuous part; infinite for a Gaussian without any.
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

  /// Network outputs that the part takes.
  package func outputs(stateDependentStd: Bool) -> Int {
    kind.distribution.traits.outputs(size: size, stateDependentStd: stateDependentStd)
  }
}

extension ActionPart: CustomStringConvertible {
  /// Whether both hold the same actions; a discrete part's bounds mean nothing.
  func isSame(as other: ActionPart) -> Bool {
    kind == other.kind && size == other.size && (!isContinuous || (low == other.low && high == other.high))
  }

  package var description: String { "\(kind.name)(\(size))\(isContinuous ? " on [\(low), \(high)]" : "")" }
}

extension ActionPart {
  /// Refuses a part that makes no action space; `name` says which it is.
  package func validate(_ name: @autoclosure () -> String) throws(Refusal) {
    let traits = kind.distribution.traits
    try require(size, in: traits.minimumSize...Limits.size, "\(name()).size")
    guard isContinuous else { return }
    try require(low < high, "\(name()).low", "\(low)", "lie below high, which is \(high)")
    guard !traits.isClipped else { return }
    try require(low.isFinite, "\(name()).low", "\(low)", "be finite for a \(kind.name) part")
    try require(high.isFinite, "\(name()).high", "\(high)", "be finite for a \(kind.name) part")
    try require(
      (high - low).isFinite, "\(name()).high", "\(high)",
      "be nearer to low, \(low): the bounds are too far apart for a float")
  }
}

extension [ActionPart] {
  /// Whether what these parts draw can be done where others are asked for: equal choices, and as many real numbers of
  /// any kind. Bounds may differ: they say what the world is given, not what is learned.
  package func fits(_ asked: [ActionPart]) -> Bool { outline == asked.outline }

  /// Each discrete part as it is, and how many real numbers lie between them.
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
