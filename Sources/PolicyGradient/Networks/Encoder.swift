/// How a network reads an image: stages of convolutions, and a dense layer on their flattened outputs.
package struct Encoder: Equatable, Sendable {
  package enum Stage: Equatable, Sendable {
    /// A convolution and relu.
    case convolution(ConvolutionFilter)
    /// A 3 × 3 convolution with padding 1, the maxima of 3 × 3 windows at every second pixel with padding 1, and two
    /// residual blocks (``ResidualBlock``).
    case residual(channels: Int)
  }

  package var name: String
  package var stages: [Stage]
  /// The outputs of the dense layer, to which relu is applied.
  package var size: Int

  package init(name: String, stages: [Stage], size: Int) {
    (self.name, self.stages, self.size) = (name, stages, size)
  }

  /// Convolutions and a dense layer, all with relu.
  package init(_ filters: [ConvolutionFilter], size: Int) {
    self.init(name: "custom", stages: filters.map { .convolution($0) }, size: size)
  }

  /// One convolution for images of 10 × 10 pixels.
  ///
  /// - Source: Young & Tian, "MinAtar: an Atari-inspired testbed for thorough and reproducible reinforcement learning
  ///   experiments" (2019).
  package static let minatar = Encoder(
    name: "minatar", stages: [.convolution(ConvolutionFilter(channels: 16, kernel: 3))], size: 128)

  /// Three convolutions for images of 84 × 84 pixels.
  ///
  /// - Source: Mnih et al., "Human-level control through deep reinforcement learning" (2015).
  package static let nature = Encoder(
    name: "nature",
    stages: [
      .convolution(ConvolutionFilter(channels: 32, kernel: 8, stride: 4)),
      .convolution(ConvolutionFilter(channels: 64, kernel: 4, stride: 2)),
      .convolution(ConvolutionFilter(channels: 64, kernel: 3)),
    ], size: 512)

  /// Fifteen convolutions with residual connections; relu also before the dense layer.
  ///
  /// - Source: Espeholt et al., "IMPALA: scalable distributed deep-RL with importance weighted actor-learner
  ///   architectures" (2018), figure 3.
  package static let impala = Encoder(
    name: "impala", stages: [.residual(channels: 16), .residual(channels: 32), .residual(channels: 32)], size: 256)
}

extension Encoder.Stage {
  /// The window that slides over the image: of the convolution, or of max pooling.
  private var window: (kernel: Int, stride: Int, padding: Int) {
    switch self {
    case .convolution(let filter): (filter.kernel, filter.stride, filter.padding)
    case .residual: (3, 2, 1)
    }
  }

  func output(of image: ImageShape) -> ImageShape {
    switch self {
    case .convolution(let filter): filter.output(of: image)
    case .residual(let channels):
      image.windows(size: window.kernel, stride: window.stride, padding: window.padding, channels: channels)
    }
  }

  /// The smallest height or width that gives `output` pixels.
  func leastInput(for output: Int) -> Int {
    max(1, (output - 1) * window.stride + window.kernel - 2 * window.padding)
  }

  fileprivate func validate(_ name: String) throws(Refusal) {
    switch self {
    case .convolution(let filter): try filter.validate(name)
    case .residual(let channels): try require(channels, in: 1...Limits.size, "\(name).channels")
    }
  }
}

extension Encoder {
  /// The smallest height and width of an image.
  package var leastSize: Int { stages.reversed().reduce(1) { $1.leastInput(for: $0) } }

  /// The images after each stage.
  func shapes(of image: ImageShape) -> [ImageShape] {
    var shape = image
    return stages.map { stage in
      shape = stage.output(of: shape)
      return shape
    }
  }

  /// The number of parameters.
  func parameterCount(_ image: ImageShape, hasBias: Bool) -> Int {
    var (count, shape) = (0, image)
    func convolution(_ kernel: Int, _ inputs: Int, _ outputs: Int) -> Int {
      (kernel * kernel * inputs + (hasBias ? 1 : 0)) * outputs
    }
    for stage in stages {
      switch stage {
      case .convolution(let filter): count += convolution(filter.kernel, shape.channels, filter.channels)
      case .residual(let channels):
        count += convolution(3, shape.channels, channels) + 4 * convolution(3, channels, channels)
      }
      shape = stage.output(of: shape)
    }
    return count + (shape.count + (hasBias ? 1 : 0)) * size
  }

  /// Refuses stages that are out of range, and an image that is too small or too large for them.
  ///
  /// - Parameter name: What holds the image, for messages.
  package func validate(_ image: ImageShape, _ name: String) throws(Refusal) {
    try require(stages.count, in: 1...Limits.layers, "the number of the encoder's stages")
    for (index, stage) in stages.enumerated() { try stage.validate("the encoder's stages[\(index)]") }
    try require(size, in: 1...Limits.size, "the encoder's size")
    try require(
      min(image.height, image.width) >= leastSize, name, "\(image.height) × \(image.width) pixels",
      "have at least \(leastSize) × \(leastSize) for the \(self.name) encoder")
    for (index, shape) in shapes(of: image).enumerated() {
      let (pixels, overflow) = shape.pixels.multipliedReportingOverflow(by: shape.channels)
      try require(
        !overflow && pixels <= Encoder.largestImage, name,
        "\(image.height) × \(image.width) × \(image.channels)",
        "give at most \(Encoder.largestImage) numbers after each stage of the \(self.name) encoder, not \(pixels) "
          + "after stage \(index)")
    }
  }

  private static let largestImage = 16_777_216
}

extension Encoder {
  /// Makes the layers for a valid image, each of which reads the outputs of the one before.
  ///
  /// - Parameters:
  ///   - name: The start of the tensors' names; the numbers of the weights follow it.
  ///   - offset: Where the tensors begin in the parameter vector.
  ///   - index: Keys the draws of each initial weight, by the number of the weight.
  /// - Returns: The layers, the number of their weights, and the first position after their tensors.
  func layers(
    of image: ImageShape, _ name: String, hasBias: Bool, at offset: Int, _ kernels: KernelSet,
    index: (_ weight: Int) -> Int
  ) -> (layers: [any Layer], weights: Int, end: Int) {
    var (layers, weights, end, shape): ([any Layer], Int, Int, ImageShape) = ([], 0, offset, image)
    func add(_ filter: ConvolutionFilter, _ activation: Activation?) {
      let layer = Convolution(
        "\(name).\(weights)", image: shape, filter, activation: activation, hasBias: hasBias,
        gain: activation == nil ? 1 : nil, index: index(weights), at: end, kernels)
      layers.append(layer)
      (weights, end, shape) = (weights + 1, layer.end, layer.outputShape)
    }
    for (position, stage) in stages.enumerated() {
      switch stage {
      case .convolution(let filter): add(filter, .relu)
      case .residual(let channels):
        add(ConvolutionFilter(channels: channels, kernel: 3, padding: 1), nil)
        let pool = MaxPool(image: shape, size: 3, stride: 2, padding: 1, kernels)
        layers.append(pool)
        shape = pool.outputShape
        for block in 0..<2 {
          let isLast = block == 1 && position == stages.count - 1
          let layer = ResidualBlock(
            ("\(name).\(weights)", "\(name).\(weights + 1)"), image: shape, activation: isLast ? .relu : nil,
            hasBias: hasBias, indices: (index(weights), index(weights + 1)), at: end, kernels)
          layers.append(layer)
          (weights, end) = (weights + 2, layer.end)
        }
      }
    }
    let dense = Dense(
      "\(name).\(weights)", inputs: shape.count, outputs: size, activation: .relu, hasBias: hasBias, hasNorm: false,
      gain: nil, index: index(weights), at: end, kernels)
    layers.append(dense)
    return (layers, weights + 1, dense.end)
  }
}
