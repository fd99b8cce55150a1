#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A network evaluated one observation at a time in double precision, from its equations and nothing else: slow, and an
/// oracle for the fast one. It shares with that only where each weight lies among the parameters.
struct ReferenceNetwork {
  private let network: MLP
  private let parameters: [Double]

  init(_ network: MLP, _ parameters: [Double]) {
    self.network = network
    self.parameters = parameters
  }

  /// Every layer's inputs, and last the network's outputs.
  func forward(_ observation: ArraySlice<Float>) -> [[Double]] {
    var values = [observation.map(Double.init)]
    for (index, layer) in network.layers.enumerated() {
      var outputs = Array(parameters[layer.bias..<layer.bias + layer.outputs])
      for (i, input) in values[index].enumerated() where input != 0 {
        let row = layer.weight + i * layer.outputs
        for j in outputs.indices { outputs[j] += input * parameters[row + j] }
      }
      if index < network.layers.count - 1 {
        for j in outputs.indices { outputs[j] = network.activation.reference(outputs[j]) }
      }
      values.append(outputs)
    }
    return values
  }

  /// Adds the gradient of Σ outputs · `outputGradient` by the parameters, given what ``forward(_:)`` returned.
  func backward(_ values: [[Double]], _ outputGradient: [Double], into gradient: UnsafeMutablePointer<Double>) {
    var delta = outputGradient
    for (index, layer) in network.layers.enumerated().reversed() {
      let inputs = values[index]
      for j in delta.indices { gradient[layer.bias + j] += delta[j] }
      var inputGradient = [Double](repeating: 0, count: layer.inputs)
      for i in inputs.indices where index > 0 || inputs[i] != 0 {
        let row = layer.weight + i * layer.outputs
        var sum = 0.0
        for j in delta.indices {
          gradient[row + j] += inputs[i] * delta[j]
          sum += parameters[row + j] * delta[j]
        }
        inputGradient[i] = index > 0 ? sum * network.activation.referenceSlope(inputs[i]) : 0
      }
      delta = inputGradient
    }
  }
}

/// The C library's; inside the enumeration its own case has that name.
private func tanhReference(_ x: Double) -> Double { tanh(x) }

extension Activation {
  fileprivate func reference(_ x: Double) -> Double {
    switch self {
    case .tanh: tanhReference(x)
    case .relu: x > 0 ? x : 0
    }
  }

  /// The derivative, told by the activation itself.
  fileprivate func referenceSlope(_ y: Double) -> Double {
    switch self {
    case .tanh: 1 - y * y
    case .relu: y > 0 ? 1 : 0
    }
  }
}
