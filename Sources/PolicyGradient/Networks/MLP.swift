/// A multilayer perceptron: dense layers with an activation between them and none after the last.
///
/// It knows where its weights lie in the flat parameter vector; what a pass remembers is in a ``Tape``.
struct MLP {
  let layers: [DenseLayer]
  let activation: Activation

  init(inputs: Int, hidden: [Int], outputs: Int, activation: Activation, at offset: Int) {
    var layers: [DenseLayer] = []
    var width = inputs
    for next in hidden + [outputs] {
      layers.append(DenseLayer(inputs: width, outputs: next, at: layers.last?.end ?? offset))
      width = next
    }
    self.layers = layers
    self.activation = activation
  }

  var inputs: Int { layers[0].inputs }
  var outputs: Int { layers[layers.count - 1].outputs }
  /// The first place after the last layer.
  var end: Int { layers[layers.count - 1].end }
  var widest: Int { layers.reduce(0) { max($0, $1.outputs) } }

  /// The parameters of such a network, as a number that cannot overflow.
  static func parameterCount(inputs: Int, hidden: [Int], outputs: Int) -> Int {
    var count = 0
    var width = inputs
    for next in hidden + [outputs] {
      count += (width + 1) * next
      width = next
    }
    return count
  }
}
