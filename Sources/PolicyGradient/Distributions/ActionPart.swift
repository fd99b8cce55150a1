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
}
