@testable import PolicyGradient

/// A network of an encoder and one dense layer of three outputs.
final class EncoderNetwork {
  static let outputs = 3
  let image: ImageShape
  let encoder: Encoder
  let network: Network
  let activations: Activations
  let parameterCount: Int

  init(_ encoder: Encoder, _ image: ImageShape, _ kernels: KernelSet = .best) throws {
    let (layers, weights, end) = encoder.layers(of: image, "image", hasBias: true, at: 0, kernels) { $0 }
    let dense = Dense(
      "policy", inputs: encoder.size, outputs: EncoderNetwork.outputs, activation: nil, hasBias: true, hasNorm: false,
      gain: 1, index: weights, at: end, kernels)
    let head = PolicyHead(dense, scaling: nil, exploration: nil)
    let nodes = (layers + [head]).enumerated().map { index, layer in
      Network.Node(layer: layer, source: index == 0 ? nil : index - 1)
    }
    self.image = image
    self.encoder = encoder
    network = Network(nodes, inputs: image.count, policyLeaf: layers.count, head: head, valueLeaf: nil)
    activations = try Activations(network, capacity: network.blockRows)
    parameterCount = dense.end
  }

  /// The outputs of all rows, which fit into one block.
  func outputs(_ parameters: Buffer<Float>, _ observations: Buffer<Float>) -> [Float] {
    let rows = observations.count / image.count
    activations.forwardPolicy(Block(rows: rows, observations: observations.pointer), parameters.pointer)
    return Array(UnsafeBufferPointer(start: activations.policyOutputs, count: rows * EncoderNetwork.outputs))
  }

  /// The gradient of Σ outputs · `above`, after ``outputs(_:_:)``.
  func gradient(_ parameters: Buffer<Float>, _ observations: Buffer<Float>, _ above: [Float]) throws -> [Float] {
    let prepared = try PreparedWeights(network)
    prepared.refresh(parameters.pointer)
    let gradient = try Buffer<Float>(count: parameterCount)
    activations.policyGradients.update(from: above, count: above.count)
    activations.backward(
      network.scoreRoute, Block(rows: observations.count / image.count, observations: observations.pointer),
      parameters.pointer, prepared: prepared, gradient: gradient.pointer)
    return gradient.array
  }

  /// The tangents of the outputs, after ``outputs(_:_:)``.
  func tangents(_ parameters: Buffer<Float>, _ observations: Buffer<Float>, along direction: [Float]) throws -> [Float]
  {
    let rows = observations.count / image.count
    let direction = try Buffer(direction)
    activations.tangentPolicy(
      Block(rows: rows, observations: observations.pointer), parameters.pointer, along: direction.pointer)
    return Array(UnsafeBufferPointer(start: activations.policyGradients, count: rows * EncoderNetwork.outputs))
  }

  /// The outputs in double precision.
  func reference(_ parameters: [Double], _ observations: [Double]) -> [Double] {
    let outputs = EncoderNetwork.outputs
    let headStart = parameterCount - (encoder.size + 1) * outputs
    return stride(from: 0, to: observations.count, by: image.count).flatMap { start in
      let features = ReferenceImages.encode(
        encoder, Array(observations[start..<start + image.count]), image, parameters)
      return (0..<outputs).map { j in
        features.indices.reduce(parameters[headStart + encoder.size * outputs + j]) {
          $0 + features[$1] * parameters[headStart + $1 * outputs + j]
        }
      }
    }
  }
}
