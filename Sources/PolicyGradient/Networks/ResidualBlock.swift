import KernelShims

/// A residual block: y = f(x + conv₂(relu(conv₁(relu(x))))), with 3 × 3 kernels and padding 1, so that all images have
/// the same size. f is optional.
///
/// - Source: Espeholt et al., "IMPALA: scalable distributed deep-RL with importance weighted actor-learner
///   architectures" (2018), figure 3.
final class ResidualBlock: Layer {
  private let first: Convolution
  private let second: Convolution
  private let activation: Activation?
  private let kernels: KernelSet

  /// - Parameters:
  ///   - indices: Key the draws of the two initial weights.
  ///   - activation: Relu or `nil`.
  init(
    _ names: (String, String), image: ImageShape, activation: Activation?, hasBias: Bool, indices: (Int, Int),
    at offset: Int, _ kernels: KernelSet
  ) {
    let filter = ConvolutionFilter(channels: image.channels, kernel: 3, padding: 1)
    first = Convolution(
      names.0, image: image, filter, activation: .relu, hasBias: hasBias, gain: nil, index: indices.0, at: offset,
      kernels)
    second = Convolution(
      names.1, image: image, filter, activation: nil, hasBias: hasBias, gain: 1, index: indices.1, at: first.end,
      kernels)
    self.activation = activation
    self.kernels = kernels
  }

  var inputs: Int { first.inputs }
  var outputs: Int { first.inputs }
  var tensors: [Tensor] { first.tensors + second.tensors }
  var end: Int { second.end }
  var preparedCount: Int { first.preparedCount + second.preparedCount }
  var slope: KernelSet.MultiplyThroughSlope? { activation?.multiplyBackward(kernels) }

  // MARK: What a pass keeps

  /// relu(x) and the outputs of the first convolution. Scratch: the gradients or tangents of both for one row, and what
  /// the convolutions need.
  var memory: LayerMemory {
    LayerMemory(
      perRow: 2 * inputs, perPass: 2 * inputs + max(first.memory.perPass, second.memory.perPass))
  }

  /// The memory of a pass, from one row on.
  private struct Memory {
    let rectified: UnsafeMutablePointer<Float>
    let hidden: UnsafeMutablePointer<Float>
    /// For one row.
    let rectifiedGradient: UnsafeMutablePointer<Float>
    let hiddenGradient: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutablePointer<Float>
  }

  private func memory(_ pass: LayerPass, row: Int = 0) -> Memory {
    let size = pass.rows * inputs
    let end = pass.memory + 2 * size
    return Memory(
      rectified: pass.memory + row * inputs, hidden: pass.memory + size + row * inputs, rectifiedGradient: end,
      hiddenGradient: end + inputs, scratch: end + 2 * inputs)
  }

  private func firstPass(_ pass: LayerPass, _ memory: Memory, rows: Int) -> LayerPass {
    LayerPass(
      rows: rows, inputs: memory.rectified, outputs: memory.hidden, memory: memory.scratch,
      parameters: pass.parameters, lanes: pass.lanes)
  }

  private func secondPass(_ pass: LayerPass, _ memory: Memory, rows: Int) -> LayerPass {
    LayerPass(
      rows: rows, inputs: memory.hidden, outputs: pass.outputs, memory: memory.scratch, parameters: pass.parameters,
      lanes: pass.lanes)
  }

  // MARK: Passes

  func forward(_ pass: LayerPass) {
    let (memory, count) = (memory(pass), pass.rows * inputs)
    memory.rectified.update(from: pass.inputs, count: count)
    kernels.reluForward(memory.rectified, count)
    first.forward(firstPass(pass, memory, rows: pass.rows))
    second.forward(secondPass(pass, memory, rows: pass.rows))
    kernels.addScaled(pass.outputs, pass.inputs, 1, count)
    activation?.forward(pass.outputs, pass.outputs, count, kernels)
  }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    first.prepare(parameters, into: prepared)
    second.prepare(parameters, into: prepared + first.preparedCount)
  }

  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    if !gradients.isThroughSlope {
      activation?.multiplyByDerivative(pass.outputs, pass.outputs, gradients.outputs, pass.rows * outputs, kernels)
    }
    if let below = gradients.inputs, !below.accumulates {
      below.target.update(from: gradients.outputs, count: pass.rows * inputs)
    } else if let below = gradients.inputs {
      kernels.addScaled(below.target, gradients.outputs, 1, pass.rows * inputs)
    }
    for row in 0..<pass.rows {
      let memory = memory(pass, row: row)
      second.backward(
        secondPass(pass, memory, rows: 1),
        LayerGradients(
          outputs: gradients.outputs + row * outputs, isThroughSlope: true,
          prepared: gradients.prepared + first.preparedCount, parameters: gradients.parameters,
          inputs: LayerGradients.Inputs(target: memory.hiddenGradient, accumulates: false, slope: first.slope)))
      first.backward(
        firstPass(pass, memory, rows: 1),
        LayerGradients(
          outputs: memory.hiddenGradient, isThroughSlope: true, prepared: gradients.prepared,
          parameters: gradients.parameters,
          inputs: gradients.inputs.map { _ in
            LayerGradients.Inputs(
              target: memory.rectifiedGradient, accumulates: false, slope: kernels.multiplyThroughRelu)
          }))
      if let below = gradients.inputs {
        kernels.addScaled(below.target + row * inputs, memory.rectifiedGradient, 1, inputs)
      }
    }
    gradients.inputs?.applySlope(at: pass.inputs, rows: 0..<pass.rows, columns: inputs)
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<pass.rows {
      let (memory, target) = (memory(pass, row: row), tangents + row * outputs)
      let rectifiedTangent = tangentsBelow.map { below in
        memory.rectifiedGradient.update(from: below + row * inputs, count: inputs)
        kernels.reluBackward(memory.rectified, memory.rectifiedGradient, inputs)
        return UnsafePointer(memory.rectifiedGradient)
      }
      first.tangent(
        firstPass(pass, memory, rows: 1), along: direction, inputs: rectifiedTangent, into: memory.hiddenGradient)
      second.tangent(
        secondPass(pass, memory, rows: 1), along: direction, inputs: memory.hiddenGradient, into: target)
      if let tangentsBelow { kernels.addScaled(target, tangentsBelow + row * inputs, 1, inputs) }
    }
    activation?.multiplyByDerivative(pass.outputs, pass.outputs, tangents, pass.rows * outputs, kernels)
  }
}
