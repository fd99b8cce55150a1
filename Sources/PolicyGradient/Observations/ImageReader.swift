import KernelShims

/// Reads an image, scaled to [0, 1], by the layers of an encoder.
struct ImageReader: PartReader {
  private let layers: [any Layer]
  private let scale: Float
  private let kernels: KernelSet
  let tensors: [Tensor]
  let memory: LayerMemory
  let preparedCount: Int
  /// The memory before the outputs of each layer.
  private let starts: [LayerMemory]

  /// - Parameters:
  ///   - layers: Each reads the one before it.
  ///   - scale: 1 / the largest number of the image.
  init(_ layers: [any Layer], scale: Float, _ kernels: KernelSet) {
    self.layers = layers
    self.scale = scale
    self.kernels = kernels
    tensors = layers.flatMap(\.tensors)
    var memory = LayerMemory(perRow: layers[0].inputs)
    var starts: [LayerMemory] = []
    for layer in layers {
      starts.append(memory)
      memory.perRow += 2 * layer.outputs + layer.memory.perRow
      memory.perPass += layer.memory.perPass
    }
    self.memory = memory
    self.starts = starts
    preparedCount = layers.dropFirst().reduce(0) { $0 + $1.preparedCount }
  }

  var columns: Int { layers[0].inputs }
  var features: Int { layers[layers.count - 1].outputs }

  // MARK: What a pass keeps

  /// The numbers of a layer's pass.
  private struct Stage {
    let pass: LayerPass
    /// The gradient by the outputs, or their tangents.
    let gradients: UnsafeMutablePointer<Float>
  }

  /// The pass of a layer. Its inputs are the outputs of the layer before or, for the first layer, the scaled images.
  private func stage(_ index: Int, _ pass: PartPass) -> Stage {
    func outputs(_ index: Int) -> UnsafeMutablePointer<Float> {
      pass.memory + pass.rows * starts[index].perRow + starts[index].perPass
    }
    let (place, count) = (outputs(index), pass.rows * layers[index].outputs)
    return Stage(
      pass: LayerPass(
        rows: pass.rows, inputs: index == 0 ? pass.memory : outputs(index - 1), outputs: place,
        memory: place + 2 * count, parameters: pass.parameters, lanes: pass.lanes),
      gradients: place + count)
  }

  // MARK: Passes

  func forward(_ pass: PartPass, into target: MutableRows) {
    for row in 0..<pass.rows {
      let image = pass.memory + row * columns
      kernels.writeScaled(image, pass.source.row(row), scale, columns)
    }
    for index in layers.indices { layers[index].forward(stage(index, pass).pass) }
    let outputs = stage(layers.count - 1, pass).pass.outputs
    for row in 0..<pass.rows { target.row(row).update(from: outputs + row * features, count: features) }
  }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    var place = prepared
    for index in layers.indices.dropFirst() {
      layers[index].prepare(parameters, into: place)
      place += layers[index].preparedCount
    }
  }

  func backward(
    _ pass: PartPass, _ gradients: Rows, prepared: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let last = layers.count - 1
    let above = stage(last, pass).gradients
    for row in 0..<pass.rows { (above + row * features).update(from: gradients.row(row), count: features) }
    var place = prepared + preparedCount
    for index in layers.indices.reversed() {
      let current = stage(index, pass)
      if index > 0 { place -= layers[index].preparedCount }
      let below =
        index == 0
        ? nil
        : LayerGradients.Inputs(
          target: stage(index - 1, pass).gradients, accumulates: false, slope: layers[index - 1].slope)
      layers[index].backward(
        current.pass,
        LayerGradients(
          outputs: current.gradients, isThroughSlope: index < last && layers[index].slope != nil, prepared: place,
          parameters: target, inputs: below))
    }
  }

  func tangent(_ pass: PartPass, along direction: UnsafePointer<Float>, into tangents: MutableRows) {
    for index in layers.indices {
      let current = stage(index, pass)
      layers[index].tangent(
        current.pass, along: direction,
        inputs: index == 0 ? nil : UnsafePointer(stage(index - 1, pass).gradients), into: current.gradients)
    }
    let result = stage(layers.count - 1, pass).gradients
    for row in 0..<pass.rows { tangents.row(row).update(from: result + row * features, count: features) }
  }
}
