extension ActionPart {
  /// The distributions by their number in the C header.
  package enum Kind: Int32, Sendable, CaseIterable {
    case categorical = 1
    case bernoulli, gaussian, squashedGaussian, beta

    /// The distribution of each kind; the only place that names them all.
    var distribution: any Distribution.Type {
      switch self {
      case .categorical: Categorical.self
      case .bernoulli: Bernoulli.self
      case .gaussian: DiagonalGaussian.self
      case .squashedGaussian: SquashedGaussian.self
      case .beta: Beta.self
      }
    }

    package var traits: PartTraits { distribution.traits }
    package var name: String { traits.name }
  }
}
