/// The function between the layers of a network.
package enum Activation: Int32, Sendable, CaseIterable {
  case tanh = 1
  case relu, elu, silu, gelu

  package var name: String {
    switch self {
    case .tanh: "tanh"
    case .relu: "relu"
    case .elu: "elu"
    case .silu: "silu"
    case .gelu: "gelu"
    }
  }

  /// Whether the derivative follows from the activations alone. Then they may take the place of the pre-activations,
  /// which otherwise have to be kept too.
  var derivativeNeedsOnlyOutputs: Bool {
    switch self {
    case .tanh, .relu, .elu: true
    case .silu, .gelu: false
    }
  }

  /// Writes the activations of pre-activations; the places are the same exactly if ``derivativeNeedsOnlyOutputs``.
  func forward(
    _ inputs: UnsafePointer<Float>, _ outputs: UnsafeMutablePointer<Float>, _ count: Int, _ kernels: KernelSet
  ) {
    switch self {
    case .tanh: kernels.tanhForward(outputs, count)
    case .relu: kernels.reluForward(outputs, count)
    case .elu: kernels.eluForward(outputs, count)
    case .silu: kernels.siluForward(inputs, outputs, count)
    case .gelu: kernels.geluForward(inputs, outputs, count)
    }
  }

  /// Multiplies by the derivative: gradients by activations become gradients by pre-activations, and tangents of
  /// pre-activations tangents of activations.
  func multiplyByDerivative(
    _ inputs: UnsafePointer<Float>, _ outputs: UnsafePointer<Float>, _ values: UnsafeMutablePointer<Float>,
    _ count: Int,
    _ kernels: KernelSet
  ) {
    switch self {
    case .tanh: kernels.tanhBackward(outputs, values, count)
    case .relu: kernels.reluBackward(outputs, values, count)
    case .elu: kernels.eluBackward(outputs, values, count)
    case .silu: kernels.siluBackward(inputs, values, count)
    case .gelu: kernels.geluBackward(inputs, values, count)
    }
  }

  /// A product that ends with this activation, if there is one.
  func multiplyForward(_ kernels: KernelSet) -> KernelSet.Multiply? {
    self == .relu ? kernels.multiplyRelu : nil
  }

  /// A product that ends with this activation's derivative, if there is one.
  func multiplyBackward(_ kernels: KernelSet) -> KernelSet.MultiplyThroughSlope? {
    switch self {
    case .tanh: kernels.multiplyThroughTanh
    case .relu: kernels.multiplyThroughRelu
    case .elu, .silu, .gelu: nil
    }
  }
}
