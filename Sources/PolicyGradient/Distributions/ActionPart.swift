/// What one part of an action space holds.
package struct ActionPart: Equatable, Sendable {
  package enum Kind: Int32, Sendable {
    case categorical = 1
    case bernoulli, gaussian, squashedGaussian, beta
  }

  package let kind: Kind
  /// Choices of a categorical part, columns of any other.
  package let size: Int
  /// Bounds of a continuous part; infinite for a Gaussian without any.
  package let low: Float
  package let high: Float

  package init(_ kind: Kind, size: Int, low: Float = -.infinity, high: Float = .infinity) {
    self.kind = kind
    self.size = size
    self.low = low
    self.high = high
  }

  package var columns: Int { kind == .categorical ? 1 : size }

  var isContinuous: Bool { kind != .categorical && kind != .bernoulli }

  /// Network outputs that the part takes.
  package func outputs(stateDependentStd: Bool) -> Int {
    switch kind {
    case .categorical, .bernoulli: size
    case .gaussian, .squashedGaussian: stateDependentStd ? 2 * size : size
    case .beta: 2 * size
    }
  }
}

extension ActionPart.Kind {
  package var name: String {
    switch self {
    case .categorical: "categorical"
    case .bernoulli: "Bernoulli"
    case .gaussian: "Gaussian"
    case .squashedGaussian: "squashed Gaussian"
    case .beta: "beta"
    }
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
    try require(size, in: (kind == .categorical ? 2 : 1)...Limits.size, "\(name()).size")
    guard isContinuous else { return }
    try require(low < high, "\(name()).low", "\(low)", "lie below high, which is \(high)")
    guard kind != .gaussian else { return }
    try require(low.isFinite, "\(name()).low", "\(low)", "be finite for a \(kind.name) part")
    try require(high.isFinite, "\(name()).high", "\(high)", "be finite for a \(kind.name) part")
    try require(
      (high - low).isFinite, "\(name()).high", "\(high)",
      "be nearer to low, \(low): the bounds are too far apart for a float")
  }
}

extension [ActionPart] {
  /// Whether what these parts draw can be done where others are asked for: equal choices, and as many real numbers of any
  /// kind. Bounds may differ: they say what the world is given, not what is learned.
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

  /// How parts are told in a message.
  package var summary: String {
    "[\(map { "\($0.kind.name)(\($0.size))" }.joined(separator: ", "))]"
  }
}
