/// y = x·W + b, with W (inputs × outputs, row-major) and b at fixed places of the flat parameter vector.
struct DenseLayer {
  let inputs: Int
  let outputs: Int
  let weight: Int
  let bias: Int

  init(inputs: Int, outputs: Int, at offset: Int) {
    self.inputs = inputs
    self.outputs = outputs
    weight = offset
    bias = offset + inputs * outputs
  }

  /// The first place after this layer.
  var end: Int { bias + outputs }
}
