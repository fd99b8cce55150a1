/// What one forward pass of a network over a block of rows leaves for the passes that follow.
///
/// The block is small enough to stay in cache between them.
final class Tape {
  /// Rows in a block: ten tiles of six and one of four.
  static let rows = 64

  let network: MLP
  let kernels: KernelSet
  private let memory: Buffer<Float>
  private let places: [LayerPlaces]
  private let deltas: (Int, Int)
  /// What gives some of the outputs their values; of most networks none.
  let exploration: Exploration?

  /// Where a layer's numbers lie in `memory`, each `rows` × outputs; one place where one may overwrite the other.
  private struct LayerPlaces {
    /// x·W + b; once normalised, the numbers of mean 0 and deviation 1.
    let product: Int
    /// One over each row's deviation.
    let inverses: Int
    let preactivation: Int
    let output: Int
  }

  init(_ network: MLP, _ kernels: KernelSet) throws(Refusal) {
    self.network = network
    self.kernels = kernels
    var places: [LayerPlaces] = []
    var end = 0
    for (index, layer) in network.layers.enumerated() {
      func take(_ width: Int, unless shared: Bool = false) -> Int {
        end += shared ? 0 : Tape.rows * width
        return end - Tape.rows * width
      }
      let product = take(layer.outputs)
      let preactivation = take(layer.outputs, unless: layer.norm == nil)
      let isLast = index == network.layers.count - 1
      let output = take(layer.outputs, unless: isLast || network.activation.forgetsInputs)
      let inverses = take(1, unless: layer.norm == nil)
      places.append(
        LayerPlaces(product: product, inverses: inverses, preactivation: preactivation, output: output))
    }
    self.places = places
    deltas = (end, end + Tape.rows * network.widest)
    exploration =
      network.explored.isEmpty ? nil : try Exploration(network.explored, of: network.last, rows: Tape.rows, kernels)
    memory = try Buffer(count: end + 2 * Tape.rows * network.widest)
  }

  /// The last layer's outputs of the last pass, rows × outputs.
  var outputs: UnsafeMutablePointer<Float> { memory.pointer + places[places.count - 1].output }

  /// The last hidden layer of the last pass, rows × ``MLP/trunkWidth``; only of a network that has one.
  var trunkOutputs: UnsafePointer<Float> { UnsafePointer(memory.pointer + places[places.count - 2].output) }

  /// Where the caller leaves the gradient by the outputs before ``backward(_:rows:parameters:transposes:gradient:joining:)``,
  /// and where ``tangent(_:rows:parameters:along:)`` leaves the tangents of the outputs.
  var outputGradients: UnsafeMutablePointer<Float> { memory.pointer + deltas.0 }

  // MARK: Forward

  /// Runs at most ``rows`` rows of inputs through the network.
  func forward(_ inputs: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>) {
    let x = forwardTrunk(inputs, rows: rows, parameters: parameters)
    multiply(x, network.last, rows, parameters, by: kernels.multiply, into: outputs)
    network.scaling?.apply(outputs, rows: rows, stride: network.outputs)
    exploration?.forward(x, rows: rows, parameters: parameters, outputs: outputs)
  }

  /// Runs rows through all layers but the last; the last hidden layer, or the inputs where there is none.
  @discardableResult
  func forwardTrunk(
    _ inputs: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>
  ) -> UnsafePointer<Float> {
    let multiplyAndActivate = network.activation.multiplyForward(kernels)
    var x = inputs
    for index in 0..<network.layers.count - 1 {
      let layer = network.layers[index]
      let place = places[index]
      let product = memory.pointer + place.product
      let y = memory.pointer + place.output
      defer { x = UnsafePointer(y) }
      if layer.norm == nil, let multiplyAndActivate {
        multiply(x, layer, rows, parameters, by: multiplyAndActivate, into: y)
        continue
      }
      multiply(x, layer, rows, parameters, by: kernels.multiply, into: product)
      if let norm = layer.norm {
        kernels.layerNormForward(
          rows, layer.outputs, product, memory.pointer + place.inverses, parameters + norm.scale,
          parameters + norm.shift, memory.pointer + place.preactivation)
      }
      network.activation.forward(memory.pointer + place.preactivation, y, rows * layer.outputs, kernels)
    }
    return x
  }

  private func multiply(
    _ x: UnsafePointer<Float>, _ layer: DenseLayer, _ rows: Int, _ parameters: UnsafePointer<Float>,
    by multiply: KernelSet.Multiply, into y: UnsafeMutablePointer<Float>
  ) {
    multiply(
      rows, layer.outputs, layer.inputs, x, layer.inputs, 1, parameters + layer.weight, layer.outputs,
      layer.bias.map { parameters + $0 }, 0, y, layer.outputs)
  }

  // MARK: Tangents

  /// The forward-mode pass: leaves in ``outputGradients`` how the outputs of the last pass move where the parameters move along
  /// `direction`. Of a network without a trunk.
  func tangent(
    _ inputs: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, along direction: UnsafePointer<Float>
  ) {
    let count = network.layers.count
    // The last layer's end where the outputs' gradients do.
    var (tangents, spare) = count % 2 == 0 ? (deltas.0, deltas.1) : (deltas.1, deltas.0)
    for (index, layer) in network.layers.enumerated() {
      let next = memory.pointer + spare
      multiply(layerInputs(index, inputs), layer, rows, direction, by: kernels.multiply, into: next)
      if index > 0 {
        kernels.multiply(
          rows, layer.outputs, layer.inputs, memory.pointer + tangents, layer.inputs, 1, parameters + layer.weight,
          layer.outputs, next, layer.outputs, next, layer.outputs)
      }
      if let norm = layer.norm {
        kernels.layerNormTangent(
          rows, layer.outputs, memory.pointer + places[index].product, memory.pointer + places[index].inverses,
          parameters + norm.scale, direction + norm.scale, direction + norm.shift, next)
      }
      if index < count - 1 { multiplyByDerivative(index, next, rows) }
      swap(&tangents, &spare)
    }
    network.scaling?.applySlope(outputGradients, rows: rows, stride: network.outputs)
    exploration?.tangent(features(inputs), rows: rows, along: direction, tangents: outputGradients)
  }

  /// What the last layer read in the last pass over these inputs.
  func features(_ inputs: UnsafePointer<Float>) -> UnsafePointer<Float> {
    layerInputs(network.layers.count - 1, inputs)
  }

  /// What a layer read in the last pass.
  private func layerInputs(_ index: Int, _ inputs: UnsafePointer<Float>) -> UnsafePointer<Float> {
    index == 0 ? inputs : UnsafePointer(memory.pointer + places[index - 1].output)
  }

  // MARK: Backward

  /// Adds the gradient of Σ outputs · ``outputGradients`` by the parameters to `gradient`; uses up ``outputGradients``.
  ///
  /// - Parameters:
  ///   - trunkGradients: Joins in at the last hidden layer: what another network that stands there hands down.
  ///   - inputGradients: Receives the gradient by the inputs, rows × inputs, of a network that has a trunk.
  func backward(
    _ inputs: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, transposes: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, joining trunkGradients: UnsafePointer<Float>? = nil,
    inputGradients: UnsafeMutablePointer<Float>? = nil
  ) {
    let index = network.layers.count - 1
    let delta = memory.pointer + deltas.0
    network.scaling?.applySlope(delta, rows: rows, stride: network.outputs)
    exploration?.backward(features(inputs), rows: rows, delta: delta, gradient: gradient)
    addGradient(index, inputs, delta, rows, gradient)
    if index > 0 {
      let next = memory.pointer + deltas.1
      descend(index, delta, rows, transposes, initial: trunkGradients, into: next)
      backward(inputs, from: index - 1, next, delta, rows, parameters, transposes, gradient)
    } else if let inputGradients {
      multiplyBack(index, delta, rows, transposes, into: inputGradients)
    }
  }

  /// Adds the gradient of Σ trunk outputs · `trunkGradients` by the parameters below the last layer to `gradient`.
  func backwardTrunk(
    _ inputs: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, transposes: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, trunkGradients: UnsafePointer<Float>
  ) {
    let delta = memory.pointer + deltas.0
    let top = network.layers.count - 2
    delta.update(from: trunkGradients, count: rows * network.trunkWidth)
    multiplyByDerivative(top, delta, rows)
    backward(
      inputs, from: top, delta, memory.pointer + deltas.1, rows, parameters, transposes, gradient)
  }

  /// Goes down from a hidden layer, of whose pre-activations `first` holds the gradient; `second` is spare.
  private func backward(
    _ inputs: UnsafePointer<Float>, from top: Int, _ first: UnsafeMutablePointer<Float>,
    _ second: UnsafeMutablePointer<Float>, _ rows: Int, _ parameters: UnsafePointer<Float>,
    _ transposes: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) {
    var (delta, next) = (first, second)
    for index in stride(from: top, through: 0, by: -1) {
      let layer = network.layers[index]
      if let norm = layer.norm {
        kernels.layerNormBackward(
          rows, layer.outputs, memory.pointer + places[index].product, memory.pointer + places[index].inverses,
          parameters + norm.scale, delta, gradient + norm.scale, gradient + norm.shift)
      }
      addGradient(index, inputs, delta, rows, gradient)
      guard index > 0 else { return }
      descend(index, delta, rows, transposes, into: next)
      swap(&delta, &next)
    }
  }

  /// Gradients by a hidden layer's outputs become those by its pre-activations; of tangents, the other way.
  private func multiplyByDerivative(_ index: Int, _ values: UnsafeMutablePointer<Float>, _ rows: Int) {
    network.activation.multiplyByDerivative(
      memory.pointer + places[index].preactivation, memory.pointer + places[index].output, values,
      rows * network.layers[index].outputs, kernels)
  }

  /// Adds what a layer's weight and bias have of the gradient by its product.
  private func addGradient(
    _ index: Int, _ inputs: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ rows: Int,
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    let layer = network.layers[index]
    let x = layerInputs(index, inputs)
    let weightGradient = gradient + layer.weight
    kernels.multiply(
      layer.inputs, layer.outputs, rows, x, 1, layer.inputs, delta, layer.outputs, weightGradient, layer.outputs,
      weightGradient, layer.outputs)
    if let bias = layer.bias { kernels.addColumnSums(rows, layer.outputs, delta, layer.outputs, gradient + bias) }
  }

  /// Writes the gradient by the pre-activations of the layer below.
  private func descend(
    _ index: Int, _ delta: UnsafePointer<Float>, _ rows: Int, _ transposes: UnsafePointer<Float>,
    initial: UnsafePointer<Float>? = nil, into next: UnsafeMutablePointer<Float>
  ) {
    guard let multiply = network.activation.multiplyBackward(kernels) else {
      multiplyBack(index, delta, rows, transposes, initial: initial, into: next)
      return multiplyByDerivative(index - 1, next, rows)
    }
    let layer = network.layers[index]
    multiply(
      rows, layer.inputs, layer.outputs, delta, layer.outputs, 1, transposed(layer, transposes), layer.inputs, initial,
      layer.inputs, next, layer.inputs, memory.pointer + places[index - 1].output)
  }

  /// Writes the gradient by a layer's inputs.
  private func multiplyBack(
    _ index: Int, _ delta: UnsafePointer<Float>, _ rows: Int, _ transposes: UnsafePointer<Float>,
    initial: UnsafePointer<Float>? = nil, into result: UnsafeMutablePointer<Float>
  ) {
    let layer = network.layers[index]
    kernels.multiply(
      rows, layer.inputs, layer.outputs, delta, layer.outputs, 1, transposed(layer, transposes), layer.inputs, initial,
      layer.inputs, result, layer.inputs)
  }

  private func transposed(_ layer: DenseLayer, _ transposes: UnsafePointer<Float>) -> UnsafePointer<Float> {
    transposes + (layer.weight - network.layers[0].weight)
  }
}
