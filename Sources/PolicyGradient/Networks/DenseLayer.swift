/// y = x·W + b, with W (inputs × outputs, row-major) and b at fixed places of the flat parameter vector; then, where asked
/// for, layer normalisation with a scale and a shift of its own, which lie after them.
struct DenseLayer {
  let inputs: Int
  let outputs: Int
  let weight: Int
  let bias: Int?
  let norm: LayerNorm?

  /// Places of the scale and the shift, one number for each output.
  struct LayerNorm {
    let scale: Int
    let shift: Int
  }

  init(inputs: Int, outputs: Int, hasBias: Bool, hasNorm: Bool, at offset: Int) {
    self.inputs = inputs
    self.outputs = outputs
    weight = offset
    let weightEnd = offset + inputs * outputs
    bias = hasBias ? weightEnd : nil
    let biasEnd = hasBias ? weightEnd + outputs : weightEnd
    norm = hasNorm ? LayerNorm(scale: biasEnd, shift: biasEnd + outputs) : nil
    end = hasNorm ? biasEnd + 2 * outputs : biasEnd
  }

  /// The first place after this layer.
  let end: Int
}
