/// The function between the layers of a network.
package enum Activation: Int32, Sendable, CaseIterable {
  case tanh = 1
  case relu = 2

  package var name: String { self == .tanh ? "tanh" : "relu" }

  /// Replaces pre-activations by activations.
  func forward(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ kernels: KernelSet) {
    switch self {
    case .tanh: kernels.tanhForward(values, count)
    case .relu: kernels.reluForward(values, count)
    }
  }

  /// Turns gradients by activations into gradients by pre-activations; both derivatives follow from the activation itself.
  func backward(
    _ activations: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ count: Int, _ kernels: KernelSet
  ) {
    switch self {
    case .tanh: kernels.tanhBackward(activations, gradients, count)
    case .relu: kernels.reluBackward(activations, gradients, count)
    }
  }
}
