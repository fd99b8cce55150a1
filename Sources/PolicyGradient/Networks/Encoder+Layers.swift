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
