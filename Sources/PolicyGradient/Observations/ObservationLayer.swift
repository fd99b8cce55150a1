import KernelShims

/// Reads the parts of an observation, and puts their features one after another.
///
/// The policy and the value function share it, or each has its own.
final class ObservationLayer: Layer {
  private let readers: [any PartReader]
  /// The first position after its parameters.
  let end: Int
  let inputs: Int
  let outputs: Int
  let tensors: [Tensor]
  let memory: LayerMemory
  let preparedCount: Int

  /// The first index of the draws of weights, for each stream; hidden layers use smaller indices.
  private static let firstIndices = [1_024, 1 << 20]

  /// - Parameters:
  ///   - name: The first words of the names of its tensors.
  ///   - stream: 0 or 1; layers of different streams have different draws.
  init(
    _ parts: [ObservationPart], _ name: String, _ encoder: (ImageShape) -> Encoder, hasBias: Bool, stream: Int,
    at offset: Int, _ kernels: KernelSet
  ) {
    let firstIndex = ObservationLayer.firstIndices[stream]
    var (end, weights, readers): (Int, Int, [any PartReader]) = (offset, 0, [])
    for (number, part) in parts.enumerated() {
      let name = "\(name).\(number)"
      switch part.kind {
      case .vector: readers.append(VectorReader(columns: part.size))
      case .choice where part.embedding == 0: readers.append(OneHotReader(size: part.size))
      case .choice:
        let tensor = Tensor(
          name: "\(name).weight", offset: end, shape: [part.size, part.embedding],
          initial: .weight(gain: 1, index: firstIndex + weights))
        readers.append(EmbeddingReader(tensor: tensor, kernels: kernels))
        (end, weights) = (end + tensor.count, weights + 1)
      case .image, .bitmap, .floatImage:
        let first = firstIndex + weights
        let made = encoder(part.image).layers(
          of: part.image, name, hasBias: hasBias, at: end, kernels
        ) { first + $0 }
        readers.append(ImageReader(made.layers, scale: 1 / (part.lastNumber ?? 1), kernels))
        (end, weights) = (made.end, weights + made.weights)
      }
    }
    self.readers = readers
    self.end = end
    inputs = readers.reduce(0) { $0 + $1.columns }
    outputs = readers.reduce(0) { $0 + $1.features }
    tensors = readers.flatMap(\.tensors)
    memory = readers.reduce(into: LayerMemory()) {
      $0.perRow += $1.memory.perRow
      $0.perPass += $1.memory.perPass
    }
    preparedCount = readers.reduce(0) { $0 + $1.preparedCount }
  }

  var hasImages: Bool { readers.contains { $0 is ImageReader } }

  var isAlwaysPrepared: Bool { true }
  var slope: KernelSet.MultiplyThroughSlope? { nil }

  /// Every part, with its first feature and the first position of its prepared parameters.
  private func forEachPart(
    _ pass: LayerPass, _ body: (_ reader: any PartReader, _ pass: PartPass, _ feature: Int, _ prepared: Int) -> Void
  ) {
    var (column, feature, prepared, memory) = (0, 0, 0, pass.memory)
    for reader in readers {
      let part = PartPass(
        rows: pass.rows, source: Rows(base: pass.inputs + column, stride: inputs), memory: memory,
        parameters: pass.parameters, lanes: pass.lanes)
      body(reader, part, feature, prepared)
      column += reader.columns
      feature += reader.features
      prepared += reader.preparedCount
      memory += pass.rows * reader.memory.perRow + reader.memory.perPass
    }
  }

  func forward(_ pass: LayerPass) {
    forEachPart(pass) { reader, part, feature, _ in
      reader.forward(part, into: MutableRows(base: pass.outputs + feature, stride: outputs))
    }
  }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    var place = prepared
    for reader in readers {
      reader.prepare(parameters, into: place)
      place += reader.preparedCount
    }
  }

  /// The gradient by the observation is not needed, so `gradients.inputs` is `nil`.
  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    forEachPart(pass) { reader, part, feature, prepared in
      reader.backward(
        part, Rows(base: gradients.outputs + feature, stride: outputs), prepared: gradients.prepared + prepared,
        into: gradients.parameters)
    }
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    forEachPart(pass) { reader, part, feature, _ in
      reader.tangent(part, along: direction, into: MutableRows(base: tangents + feature, stride: outputs))
    }
  }
}
