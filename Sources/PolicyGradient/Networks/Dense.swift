import KernelShims

/// A dense layer: y = f(norm(x·W + b)).
///
/// W (inputs × outputs, row-major), b, and the scale and shift of the layer normalisation follow each other in the
/// parameter vector. Bias, normalisation and activation are optional.
package final class Dense: Layer {
  package let inputs: Int
  package let outputs: Int
  /// Where its tensors begin in the parameter vector.
  package let weight: Int
  package let bias: Int?
  package let norm: LayerNorm?
  /// `nil` for the identity.
  package let activation: Activation?
  let tensors: [Tensor]
  private let kernels: KernelSet

  /// Where the scale and the shift begin; each has one number per output.
  package struct LayerNorm {
    package let scale: Int
    package let shift: Int
  }

  /// - Parameters:
  ///   - name: The start of the tensors' names.
  ///   - gain: The gain of the initial weight; `nil` for the gain of hidden layers.
  ///   - index: Keys the draws of the initial weight.
  init(
    _ name: String, inputs: Int, outputs: Int, activation: Activation?, hasBias: Bool, hasNorm: Bool, gain: Double?,
    index: Int, at offset: Int, _ kernels: KernelSet
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.activation = activation
    self.kernels = kernels
    weight = offset
    var end = offset + inputs * outputs
    var tensors = [
      Tensor(
        name: "\(name).weight", offset: offset, shape: [inputs, outputs], initial: .weight(gain: gain, index: index))
    ]
    func addTensor(_ part: String, _ value: Float) -> Int {
      defer { end += outputs }
      tensors.append(Tensor(name: "\(name).\(part)", offset: end, shape: [outputs], initial: .constant(value)))
      return end
    }
    bias = hasBias ? addTensor("bias", 0) : nil
    norm = hasNorm ? LayerNorm(scale: addTensor("norm.scale", 1), shift: addTensor("norm.shift", 0)) : nil
    self.tensors = tensors
    self.end = end
  }

  /// The first position after this layer in the parameter vector.
  let end: Int

  // MARK: What a pass keeps

  /// The pre-activations, if activations do not overwrite them. With layer normalisation also the normalised numbers
  /// and 1/deviation of each row.
  var memory: LayerMemory { LayerMemory(perRow: (keepsInputs ? outputs : 0) + (norm == nil ? 0 : outputs + 1)) }

  private var keepsInputs: Bool { activation.map { !$0.derivativeNeedsOnlyOutputs } ?? false }

  private func preactivations(_ pass: LayerPass) -> UnsafeMutablePointer<Float> {
    keepsInputs ? pass.memory : pass.outputs
  }

  /// With layer normalisation: the numbers with mean 0 and deviation 1, and 1/deviation of each row.
  private func normalized(
    _ pass: LayerPass
  ) -> (values: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>) {
    let values = pass.memory + (keepsInputs ? pass.rows * outputs : 0)
    return (values, values + pass.rows * outputs)
  }

  // MARK: Passes

  func forward(_ pass: LayerPass) {
    var product = MatrixProduct(
      rows: pass.rows, columns: outputs, depth: inputs, a: Matrix(rows: pass.inputs, stride: inputs),
      b: Rows(base: pass.parameters + weight, stride: outputs),
      initial: InitialRows(repeating: bias.map { pass.parameters + $0 }),
      c: MutableRows(base: pass.outputs, stride: outputs))
    if norm == nil, let multiplyAndActivate = activation?.multiplyForward(kernels) {
      return multiplyAndActivate(&product)
    }
    let preactivations = preactivations(pass)
    product.c.base = norm == nil ? preactivations : normalized(pass).values
    kernels.multiply(&product)
    if let norm {
      kernels.layerNormForward(
        pass.rows, outputs, product.c.base, normalized(pass).inverses, pass.parameters + norm.scale,
        pass.parameters + norm.shift, preactivations)
    }
    activation?.forward(preactivations, pass.outputs, pass.rows * outputs, kernels)
  }

  /// The transposed weight, outputs × inputs.
  var preparedCount: Int { inputs * outputs }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    kernels.transpose(
      inputs, outputs, Rows(base: parameters + weight, stride: outputs), MutableRows(base: prepared, stride: inputs))
  }

  var slope: KernelSet.MultiplyThroughSlope? { activation?.multiplyBackward(kernels) }

  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    let delta = gradients.outputs
    if !gradients.isThroughSlope { multiplyByDerivative(pass, delta) }
    if let norm {
      let (normalized, inverses) = normalized(pass)
      kernels.layerNormBackward(
        pass.rows, outputs, normalized, inverses, pass.parameters + norm.scale, delta,
        gradients.parameters + norm.scale, gradients.parameters + norm.shift)
    }
    let weightGradient = MutableRows(base: gradients.parameters + weight, stride: outputs)
    let deltaRows = Rows(base: delta, stride: outputs)
    var weightProduct = MatrixProduct(
      rows: inputs, columns: outputs, depth: pass.rows, a: Matrix(transposed: pass.inputs, stride: inputs),
      b: deltaRows, initial: InitialRows(weightGradient), c: weightGradient)
    kernels.multiply(&weightProduct)
    if let bias { kernels.addColumnSums(pass.rows, outputs, deltaRows, gradients.parameters + bias) }
    guard let below = gradients.inputs else { return }
    let target = MutableRows(base: below.target, stride: inputs)
    var inputProduct = MatrixProduct(
      rows: pass.rows, columns: inputs, depth: outputs, a: Matrix(rows: delta, stride: outputs),
      b: Rows(base: gradients.prepared, stride: inputs),
      initial: below.accumulates ? InitialRows(target) : InitialRows.zeros, c: target)
    if let multiplyThroughSlope = below.slope {
      multiplyThroughSlope(&inputProduct, pass.inputs)
    } else {
      kernels.multiply(&inputProduct)
    }
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    var product = MatrixProduct(
      rows: pass.rows, columns: outputs, depth: inputs, a: Matrix(rows: pass.inputs, stride: inputs),
      b: Rows(base: direction + weight, stride: outputs), initial: InitialRows(repeating: bias.map { direction + $0 }),
      c: MutableRows(base: tangents, stride: outputs))
    kernels.multiply(&product)
    if let tangentsBelow {
      product.a.base = tangentsBelow
      product.b.base = UnsafePointer(pass.parameters + weight)
      product.initial = InitialRows(product.c)
      kernels.multiply(&product)
    }
    if let norm {
      let (normalized, inverses) = normalized(pass)
      kernels.layerNormTangent(
        pass.rows, outputs, normalized, inverses, pass.parameters + norm.scale, direction + norm.scale,
        direction + norm.shift, tangents)
    }
    multiplyByDerivative(pass, tangents)
  }

  private func multiplyByDerivative(_ pass: LayerPass, _ values: UnsafeMutablePointer<Float>) {
    activation?.multiplyByDerivative(
      preactivations(pass), pass.outputs, values, pass.rows * outputs, kernels)
  }
}
