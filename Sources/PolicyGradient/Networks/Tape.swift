/// What one forward pass of a network over a block of rows leaves for the backward pass.
///
/// The block is small enough to stay in cache between the two.
final class Tape {
  /// Rows in a block: ten tiles of six and one of four.
  static let rows = 64

  private let network: MLP
  private let kernels: KernelSet
  private let memory: Buffer<Float>
  /// Where each layer's outputs lie in `memory`, `rows` × outputs.
  private let places: [Int]
  private let deltas: (Int, Int)

  init(_ network: MLP, _ kernels: KernelSet) throws(Refusal) {
    self.network = network
    self.kernels = kernels
    var places: [Int] = []
    var end = 0
    for layer in network.layers {
      places.append(end)
      end += Tape.rows * layer.outputs
    }
    self.places = places
    deltas = (end, end + Tape.rows * network.widest)
    memory = try Buffer(count: end + 2 * Tape.rows * network.widest)
  }

  /// The last layer's outputs of the last pass, rows × outputs.
  var outputs: UnsafeMutablePointer<Float> { memory.pointer + places[places.count - 1] }

  /// Where the caller leaves the gradient by the outputs before ``backward(_:rows:transposes:gradient:)``.
  var outputGradients: UnsafeMutablePointer<Float> { memory.pointer + deltas.0 }

  /// Runs at most ``rows`` rows of inputs through the network.
  func forward(_ inputs: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>) {
    var x = inputs
    for (index, layer) in network.layers.enumerated() {
      let y = memory.pointer + places[index]
      kernels.multiply(
        rows, layer.outputs, layer.inputs, x, layer.inputs, 1, parameters + layer.weight, layer.outputs,
        parameters + layer.bias, 0, y, layer.outputs)
      if index < network.layers.count - 1 {
        network.activation.forward(y, rows * layer.outputs, kernels)
      }
      x = UnsafePointer(y)
    }
  }

  /// Adds the gradient of Σ outputs · ``outputGradients`` by the parameters to `gradient`; uses up ``outputGradients``.
  func backward(
    _ inputs: UnsafePointer<Float>, rows: Int, transposes: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>
  ) {
    let origin = network.layers[0].weight
    var delta = memory.pointer + deltas.0
    var next = memory.pointer + deltas.1
    for index in network.layers.indices.reversed() {
      let layer = network.layers[index]
      let x = index == 0 ? inputs : UnsafePointer(memory.pointer + places[index - 1])
      let weightGradient = gradient + layer.weight
      kernels.multiply(
        layer.inputs, layer.outputs, rows, x, 1, layer.inputs, delta, layer.outputs,
        weightGradient, layer.outputs, weightGradient, layer.outputs)
      kernels.addColumnSums(rows, layer.outputs, delta, layer.outputs, gradient + layer.bias)
      if index > 0 {
        kernels.multiply(
          rows, layer.inputs, layer.outputs, delta, layer.outputs, 1, transposes + (layer.weight - origin),
          layer.inputs,
          nil, 0, next, layer.inputs)
        network.activation.backward(x, next, rows * layer.inputs, kernels)
        swap(&delta, &next)
      }
    }
  }
}

extension MLP {
  /// Room for ``transpose(_:into:_:)``.
  var transposeCount: Int { end - layers[0].weight }

  /// Writes each layer's weight transposed, outputs × inputs: the shape in which a backward pass reads it.
  func transpose(_ parameters: UnsafePointer<Float>, into transposes: UnsafeMutablePointer<Float>, _ kernels: KernelSet)
  {
    for layer in layers.dropFirst() {
      kernels.transpose(
        layer.inputs, layer.outputs, parameters + layer.weight, layer.outputs,
        transposes + (layer.weight - layers[0].weight), layer.inputs)
    }
  }
}
