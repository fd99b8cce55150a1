import KernelShims

/// A convolution over images: y = f(patches · W + b), for every patch that its square kernel visits.
///
/// Images are height × width × channels, channels last. W is (kernel · kernel · channels) × output channels, row-major,
/// with the rows of the kernel first; b follows it in the parameter vector. Bias and activation are optional.
final class Convolution: Layer {
  /// The size of the outputs as an image.
  let outputShape: ImageShape
  let weight: Int
  let bias: Int?
  /// `nil` for the identity.
  let activation: Activation?
  let tensors: [Tensor]
  /// The first position after this layer in the parameter vector.
  let end: Int
  private let grid: PatchGrid
  private let kernels: KernelSet

  /// - Parameters:
  ///   - name: The start of the tensors' names.
  ///   - gain: The gain of the initial weight; `nil` for the gain of hidden layers.
  ///   - index: Keys the draws of the initial weight.
  init(
    _ name: String, image: ImageShape, _ filter: ConvolutionFilter, activation: Activation?, hasBias: Bool,
    gain: Double?, index: Int, at offset: Int, _ kernels: KernelSet
  ) {
    grid = PatchGrid(image, kernel: filter.kernel, stride: filter.stride, padding: filter.padding)
    outputShape = filter.output(of: image)
    self.activation = activation
    self.kernels = kernels
    let channels = filter.channels
    var tensors = [
      Tensor(
        name: "\(name).weight", offset: offset, shape: [grid.depth, channels],
        initial: .weight(gain: gain, index: index))
    ]
    weight = offset
    let weightEnd = offset + grid.depth * channels
    bias = hasBias ? weightEnd : nil
    if hasBias {
      tensors.append(Tensor(name: "\(name).bias", offset: weightEnd, shape: [channels], initial: .constant(0)))
    }
    self.tensors = tensors
    end = weightEnd + (hasBias ? channels : 0)
  }

  var inputs: Int { grid.image.count }
  var hasImages: Bool { true }
  var outputs: Int { outputShape.count }
  private var channels: Int { outputShape.channels }

  // MARK: What a pass keeps

  /// The pre-activations, if activations do not overwrite them. Scratch: the weight in panels, a group of padded
  /// images, and the gradient by some patches.
  var memory: LayerMemory {
    LayerMemory(
      perRow: keepsInputs ? outputs : 0,
      perPass: grid.depth * channels + grid.scratchCount + patchesAtOnce * grid.depth)
  }

  private var keepsInputs: Bool { activation.map { !$0.derivativeNeedsOnlyOutputs } ?? false }

  /// The number of patches whose gradient is computed together; few enough that it stays in the second-level cache.
  private var patchesAtOnce: Int { max(12, 32_768 / grid.depth) }

  private func preactivations(_ pass: LayerPass) -> UnsafeMutablePointer<Float> {
    keepsInputs ? pass.memory : pass.outputs
  }

  private func scratch(_ pass: LayerPass) -> Scratch {
    let panels = pass.memory + (keepsInputs ? pass.rows * outputs : 0)
    let images = panels + grid.depth * channels
    return Scratch(panels: panels, images: images, patches: images + grid.scratchCount)
  }

  private struct Scratch {
    let panels: UnsafeMutablePointer<Float>
    let images: UnsafeMutablePointer<Float>
    let patches: UnsafeMutablePointer<Float>
  }

  // MARK: Passes

  func forward(_ pass: LayerPass) {
    let multiply = activation == .relu ? kernels.multiplyPatchesRelu : kernels.multiplyPatches
    let result = preactivations(pass)
    addProduct(
      pass, pass.inputs, weight: pass.parameters + weight,
      initial: InitialRows(repeating: bias.map { pass.parameters + $0 }), into: result, multiply)
    if activation != .relu { activation?.forward(result, pass.outputs, pass.rows * outputs, kernels) }
  }

  /// Writes initial + patches · weight for all images.
  private func addProduct(
    _ pass: LayerPass, _ images: UnsafePointer<Float>, weight: UnsafePointer<Float>, initial: InitialRows,
    into result: UnsafeMutablePointer<Float>, _ multiply: KernelSet.MultiplyPatches
  ) {
    let scratch = scratch(pass)
    kernels.packPanels(grid.depth, channels, Rows(base: weight, stride: channels), scratch.panels)
    forEachGroup(pass) { first, count in
      var initial = initial
      if initial.stride != 0, let base = initial.base { initial.base = base + first * outputs }
      let padded = grid.pad(images + first * inputs, count: count, in: scratch.images)
      grid.withPatches(of: padded) { patches in
        var product = PatchProduct(
          rows: count * grid.patches, columns: channels, a: patches.pointee, b: scratch.panels, initial: initial,
          c: MutableRows(base: result + first * outputs, stride: channels))
        multiply(&product)
      }
    }
  }

  private func forEachGroup(_ pass: LayerPass, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: pass.rows, by: grid.groupSize) {
      body(first, min(grid.groupSize, pass.rows - first))
    }
  }

  /// The transposed weight, output channels × (kernel · kernel · channels).
  var preparedCount: Int { grid.depth * channels }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    kernels.transpose(
      grid.depth, channels, Rows(base: parameters + weight, stride: channels),
      MutableRows(base: prepared, stride: grid.depth))
  }

  var slope: KernelSet.MultiplyThroughSlope? { activation?.multiplyBackward(kernels) }

  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    let delta = gradients.outputs
    if !gradients.isThroughSlope { multiplyByDerivative(pass, delta) }
    if let bias {
      kernels.addColumnSums(
        pass.rows * grid.patches, channels, Rows(base: delta, stride: channels), gradients.parameters + bias)
    }
    let images = scratch(pass).images
    forEachGroup(pass) { first, count in
      let padded = grid.pad(pass.inputs + first * inputs, count: count, in: images)
      grid.withPatches(of: padded) {
        kernels.addTransposedPatches(
          count * grid.patches, channels, $0, Rows(base: delta + first * outputs, stride: channels),
          MutableRows(base: gradients.parameters + weight, stride: channels))
      }
      if let below = gradients.inputs {
        writeInputGradients(pass, below, delta, prepared: gradients.prepared, first: first, count: count)
      }
    }
  }

  /// The gradient by some images: the gradients by their patches, added up where patches overlap.
  private func writeInputGradients(
    _ pass: LayerPass, _ below: LayerGradients.Inputs, _ delta: UnsafePointer<Float>, prepared: UnsafePointer<Float>,
    first: Int, count: Int
  ) {
    let scratch = scratch(pass)
    let target = below.target + first * inputs
    let images = grid.padding == 0 ? target : scratch.images
    if !below.accumulates { target.update(repeating: 0, count: count * inputs) }
    if grid.padding > 0 { images.update(repeating: 0, count: count * grid.padded.count) }
    for start in stride(from: 0, to: count * grid.patches, by: patchesAtOnce) {
      let rows = min(patchesAtOnce, count * grid.patches - start)
      var product = MatrixProduct(
        rows: rows, columns: grid.depth, depth: channels,
        a: Matrix(rows: delta + first * outputs + start * channels, stride: channels),
        b: Rows(base: prepared, stride: grid.depth), initial: .zeros,
        c: MutableRows(base: scratch.patches, stride: grid.depth))
      kernels.multiply(&product)
      grid.withPatches(of: images, from: start) {
        kernels.addToPatches(rows, $0, Rows(base: scratch.patches, stride: grid.depth))
      }
    }
    if grid.padding > 0 { grid.addUnpadded(images, count: count, to: target, kernels) }
    below.applySlope(at: pass.inputs, rows: first..<first + count, columns: inputs)
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    addProduct(
      pass, pass.inputs, weight: direction + weight, initial: InitialRows(repeating: bias.map { direction + $0 }),
      into: tangents, kernels.multiplyPatches)
    if let tangentsBelow {
      addProduct(
        pass, tangentsBelow, weight: pass.parameters + weight, initial: InitialRows(base: tangents, stride: channels),
        into: tangents, kernels.multiplyPatches)
    }
    multiplyByDerivative(pass, tangents)
  }

  private func multiplyByDerivative(_ pass: LayerPass, _ values: UnsafeMutablePointer<Float>) {
    activation?.multiplyByDerivative(preactivations(pass), pass.outputs, values, pass.rows * outputs, kernels)
  }
}

/// The kernel of a convolution: square, with zeros as padding.
package struct ConvolutionFilter: Equatable, Sendable {
  /// Output channels.
  package var channels: Int
  /// The height and width of the kernel.
  package var kernel: Int
  package var stride: Int
  /// Zeros at each side of the image; fewer than ``kernel``.
  package var padding: Int

  package init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
    (self.channels, self.kernel, self.stride, self.padding) = (channels, kernel, stride, padding)
  }

  /// Refuses sizes out of range.
  func validate(_ name: String) throws(Refusal) {
    try require(channels, in: 1...Limits.size, "\(name).filters")
    try require(kernel, in: 1...256, "\(name).kernel")
    try require(stride, in: 1...256, "\(name).stride")
    try require(padding, in: 0...kernel - 1, "\(name).padding")
  }

  func output(of image: ImageShape) -> ImageShape {
    image.windows(size: kernel, stride: stride, padding: padding, channels: channels)
  }
}
