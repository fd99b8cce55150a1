/// What the layers of a network have in common.
struct NetworkStyle {
  let activation: Activation
  let hasBias: Bool
  /// Whether each hidden layer's product is normalised before the activation.
  let hasLayerNorm: Bool
}
