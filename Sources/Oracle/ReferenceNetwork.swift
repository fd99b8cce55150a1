import PolicyGradient

/// A network that is evaluated in double precision, one observation at a time, directly by its equations. It is slow,
/// and serves as an oracle for the fast network. It shares with the fast one only the positions of the parameters.
struct ReferenceNetwork {
  private let layers: [Dense]
  private let parameters: [Double]

  /// - Parameter layers: From the observation to the outputs.
  init(_ layers: [Dense], _ parameters: [Double]) {
    self.layers = layers
    self.parameters = parameters
  }

  /// The results of a forward pass, which the backward pass reads.
  struct Pass {
    /// The inputs of each layer.
    fileprivate(set) var inputs: [[Double]] = []
    fileprivate(set) var hidden: [Hidden] = []
    fileprivate(set) var outputs: [Double] = []
  }

  /// The numbers of a hidden layer before its activation.
  struct Hidden {
    /// (x - mean)/deviation, and 1/deviation in `inverse`; without layer normalisation x and 1.
    let normalized: [Double]
    let inverse: Double
    let preactivations: [Double]
  }

  func forward(_ observation: ArraySlice<Float>) -> Pass {
    var pass = Pass()
    var values = observation.map(Double.init)
    for layer in layers {
      pass.inputs.append(values)
      var outputs =
        layer.bias.map { Array(parameters[$0..<$0 + layer.outputs]) } ?? .init(repeating: 0, count: layer.outputs)
      for (i, input) in values.enumerated() where input != 0 {
        let row = layer.weight + i * layer.outputs
        for j in outputs.indices { outputs[j] += input * parameters[row + j] }
      }
      guard let activation = layer.activation else {
        pass.outputs = outputs
        break
      }
      let hidden = normalize(outputs, layer.norm)
      pass.hidden.append(hidden)
      values = hidden.preactivations.map(activation.reference)
    }
    return pass
  }

  private func normalize(_ x: [Double], _ norm: Dense.LayerNorm?) -> Hidden {
    guard let norm else { return Hidden(normalized: x, inverse: 1, preactivations: x) }
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let inverse = 1 / (variance + 1e-5).squareRoot()
    let normalized = x.map { ($0 - mean) * inverse }
    return Hidden(
      normalized: normalized, inverse: inverse,
      preactivations: x.indices.map { normalized[$0] * parameters[norm.scale + $0] + parameters[norm.shift + $0] })
  }

  /// Adds the gradient of Σ outputs · `outputGradient` by the parameters, given the result of ``forward(_:)``.
  func backward(_ pass: Pass, _ outputGradient: [Double], into gradient: UnsafeMutablePointer<Double>) {
    var delta = outputGradient
    for (index, layer) in layers.enumerated().reversed() {
      let inputs = pass.inputs[index]
      if let bias = layer.bias { for j in delta.indices { gradient[bias + j] += delta[j] } }
      var inputGradient = [Double](repeating: 0, count: layer.inputs)
      for i in inputs.indices where index > 0 || inputs[i] != 0 {
        let row = layer.weight + i * layer.outputs
        for j in delta.indices {
          gradient[row + j] += inputs[i] * delta[j]
          inputGradient[i] += parameters[row + j] * delta[j]
        }
      }
      guard index > 0, let activation = layers[index - 1].activation else { return }
      let hidden = pass.hidden[index - 1]
      for i in inputGradient.indices {
        inputGradient[i] *= activation.referenceSlope(hidden.preactivations[i])
      }
      delta = denormalize(inputGradient, hidden, layers[index - 1].norm, into: gradient)
    }
  }

  /// The gradient by a layer's product, from the gradient by its pre-activations.
  private func denormalize(
    _ delta: [Double], _ hidden: Hidden, _ norm: Dense.LayerNorm?, into gradient: UnsafeMutablePointer<Double>
  ) -> [Double] {
    guard let norm else { return delta }
    var scaled = delta
    for i in delta.indices {
      gradient[norm.scale + i] += delta[i] * hidden.normalized[i]
      gradient[norm.shift + i] += delta[i]
      scaled[i] *= parameters[norm.scale + i]
    }
    let count = Double(delta.count)
    let mean = scaled.reduce(0, +) / count
    let along = zip(scaled, hidden.normalized).reduce(0) { $0 + $1.0 * $1.1 } / count
    return scaled.indices.map { (scaled[$0] - mean - hidden.normalized[$0] * along) * hidden.inverse }
  }
}

/// The C library's tanh. Inside the enumeration, `tanh` is its own case.
private func tanhReference(_ x: Double) -> Double { tanh(x) }

extension Activation {
  fileprivate func reference(_ x: Double) -> Double {
    switch self {
    case .tanh: tanhReference(x)
    case .relu: x > 0 ? x : 0
    case .elu: x > 0 ? x : expm1(x)
    case .silu: x / (1 + exp(-x))
    case .gelu: x * 0.5 * erfc(-x * 0.5.squareRoot())
    }
  }

  fileprivate func referenceSlope(_ x: Double) -> Double {
    switch self {
    case .tanh:
      return 1 - tanhReference(x) * tanhReference(x)
    case .relu:
      return x > 0 ? 1 : 0
    case .elu:
      return x > 0 ? 1 : exp(x)
    case .silu:
      let s = 1 / (1 + exp(-x))
      return s + x * s * (1 - s)
    case .gelu:
      return 0.5 * erfc(-x * 0.5.squareRoot()) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
    }
  }
}
