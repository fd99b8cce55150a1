/// A multilayer perceptron: dense layers with an activation between them and none after the last.
///
/// It knows where its weights lie in the flat parameter vector; what a pass remembers is in a ``Tape``. One network may stand
/// on another's last hidden layer, its trunk, to which it then hands gradients: so does a value function that shares the
/// policy's trunk, and so would an encoder of images, or of a history, be put below.
struct MLP {
  let layers: [DenseLayer]
  let activation: Activation
  /// Whether the inputs are another network's, which learns too.
  let hasTrunk: Bool
  /// Outputs that are no weighted sums: see ``Exploration``.
  let explored: [Int]
  /// Outputs in other units: `nil` of most networks.
  let scaling: OutputScaling?

  init(
    inputs: Int, hidden: [Int], outputs: Int, _ style: NetworkStyle, hasTrunk: Bool = false, explored: [Int] = [],
    scaling: OutputScaling? = nil,
    at offset: Int
  ) {
    var layers: [DenseLayer] = []
    var width = inputs
    for (index, next) in (hidden + [outputs]).enumerated() {
      layers.append(
        DenseLayer(
          inputs: width, outputs: next, hasBias: style.hasBias, hasNorm: style.hasLayerNorm && index < hidden.count,
          at: layers.last?.end ?? offset))
      width = next
    }
    self.layers = layers
    activation = style.activation
    self.hasTrunk = hasTrunk
    self.explored = explored
    self.scaling = scaling
  }

  var last: DenseLayer { layers[layers.count - 1] }
  var inputs: Int { layers[0].inputs }
  var outputs: Int { last.outputs }
  /// Width of the last hidden layer, or of the inputs where there is none.
  var trunkWidth: Int { last.inputs }
  /// The first place after the last layer.
  var end: Int { last.end }
  var widest: Int { layers.reduce(0) { max($0, $1.outputs) } }

  /// The parameters of such a network, as a number that cannot overflow.
  static func parameterCount(inputs: Int, hidden: [Int], outputs: Int, _ style: NetworkStyle) -> Int {
    var count = 0
    var width = inputs
    for next in hidden {
      count += (width + (style.hasBias ? 1 : 0) + (style.hasLayerNorm ? 2 : 0)) * next
      width = next
    }
    return count + (width + (style.hasBias ? 1 : 0)) * outputs
  }
}

extension MLP {
  /// Room for ``transpose(_:into:_:)``.
  var transposeCount: Int { end - layers[0].weight }

  /// Writes the weights transposed, outputs × inputs: the shape in which a backward pass reads them. The first layer's is
  /// read only where the inputs are another network's.
  func transpose(
    _ parameters: UnsafePointer<Float>, into transposes: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    for layer in hasTrunk ? layers[...] : layers.dropFirst() {
      kernels.transpose(
        layer.inputs, layer.outputs, parameters + layer.weight, layer.outputs,
        transposes + (layer.weight - layers[0].weight), layer.inputs)
    }
  }
}
