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

  /// Whether the derivative can be computed from the activations alone. Then they overwrite the pre-activations, which
  /// otherwise are kept too.
  var derivativeNeedsOnlyOutputs: Bool {
    switch self {
    case .tanh, .relu, .elu: true
    case .silu, .gelu: false
    }
  }

  /// Writes the activations of pre-activations; in place if, and only if, ``derivativeNeedsOnlyOutputs``.
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

  /// Multiplies by the derivative. This turns gradients by activations into gradients by pre-activations, and tangents
  /// of pre-activations into tangents of activations.
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

  /// The matrix product that also applies this activation, if there is one.
  func multiplyForward(_ kernels: KernelSet) -> KernelSet.Multiply? {
    self == .relu ? kernels.multiplyRelu : nil
  }

  /// The matrix product that also multiplies by this activation's derivative, if there is one.
  func multiplyBackward(_ kernels: KernelSet) -> KernelSet.MultiplyThroughSlope? {
    switch self {
    case .tanh: kernels.multiplyThroughTanh
    case .relu: kernels.multiplyThroughRelu
    case .elu, .silu, .gelu: nil
    }
  }
}
