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
  var isDiscrete: Bool { kind == .categorical || kind == .bernoulli }

  /// Whether both hold the same actions; a discrete part's bounds mean nothing.
  func isSame(as other: ActionPart) -> Bool {
    kind == other.kind && size == other.size && (isDiscrete || (low == other.low && high == other.high))
  }

  package var description: String { "\(kind.name)(\(size))\(isDiscrete ? "" : " on [\(low), \(high)]")" }
}

extension ActionPart {
  /// Refuses a part that makes no action space; `name` says which it is.
  package func validate(_ name: @autoclosure () -> String) throws(Refusal) {
    try require(size, in: (kind == .categorical ? 2 : 1)...Limits.size, "\(name()).size")
    guard !isDiscrete else { return }
    try require(low < high, "\(name()).low", "\(low)", "lie below high, which is \(high)")
    guard kind != .gaussian else { return }
    try require(low.isFinite, "\(name()).low", "\(low)", "be finite for a \(kind.name) part")
    try require(high.isFinite, "\(name()).high", "\(high)", "be finite for a \(kind.name) part")
    try require(
      (high - low).isFinite, "\(name()).high", "\(high)",
      "be nearer to low, \(low): the bounds are too far apart for a float")
  }
}
