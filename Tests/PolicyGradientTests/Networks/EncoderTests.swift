import Testing

@testable import PolicyGradient

struct EncoderCase: Sendable, CustomTestStringConvertible {
  let encoder: Encoder
  let image: ImageShape
  var testDescription: String { "\(encoder.name) on \(image.height)×\(image.width)×\(image.channels)" }

  init(_ encoder: Encoder, _ height: Int, _ width: Int, _ channels: Int) {
    (self.encoder, image) = (encoder, ImageShape(height: height, width: width, channels: channels))
  }

  static let all = [
    EncoderCase(.minatar, 10, 10, 4), EncoderCase(.minatar, 3, 5, 7), EncoderCase(.nature, 36, 40, 1),
    EncoderCase(.impala, 9, 11, 3),
    EncoderCase(
      Encoder(
        [
          ConvolutionFilter(channels: 5, kernel: 3, stride: 2, padding: 1), ConvolutionFilter(channels: 7, kernel: 2),
        ], size: 9), 8, 7, 3),
  ]
}

@Suite struct EncoderTests {
  private static let rows = 2

  @Test(arguments: EncoderCase.all)
  func outputsGradientsAndTangentsMatchDoublePrecision(_ test: EncoderCase) throws {
    let network = try EncoderNetwork(test.encoder, test.image)
    var random = TestRandom(17)
    let parameters = try Buffer(network.parameters(&random))
    let observations = try Buffer(random.normals(EncoderTests.rows * test.image.count))
    let (point, x) = (doubles(parameters.array), doubles(observations.array))
    let outputs = network.outputs(parameters, observations)
    #expect(relativeError(doubles(outputs), network.reference(point, x)) < 1e-5)

    let above = random.normals(outputs.count)
    let gradient = try network.gradient(parameters, observations, above)
    for tensor in network.network.tensors {
      // Along a direction of this tensor alone.
      var direction = [Float](repeating: 0, count: parameters.count)
      for (i, value) in random.normals(tensor.count).enumerated() { direction[tensor.offset + i] = value }
      let step = 1e-6 / norm(doubles(direction))
      let (ahead, behind) = (
        network.reference(zip(point, direction).map { $0 + step * Double($1) }, x),
        network.reference(zip(point, direction).map { $0 - step * Double($1) }, x)
      )
      let expected = zip(ahead, behind).map { ($0 - $1) / (2 * step) }
      _ = network.outputs(parameters, observations)
      let tangents = doubles(try network.tangents(parameters, observations, along: direction))
      #expect(relativeError(tangents, expected) < 1e-4, "\(tensor.name)")
      let products = zip(above, expected).map { Double($0) * $1 }
      let along = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(along - products.reduce(0, +)) < 1e-4 * norm(products), "\(tensor.name)")
    }
  }

  @Test(arguments: KernelSet.available, EncoderCase.all)
  func anImageHasTheSameBitsAloneAndAmongOthers(_ kernels: KernelSet, _ test: EncoderCase) throws {
    let network = try EncoderNetwork(test.encoder, test.image, kernels)
    var random = TestRandom(19)
    let parameters = try Buffer(network.parameters(&random))
    let rows = network.activations.capacity
    let observations = random.normals(rows * test.image.count)
    let outputs = network.outputs(parameters, try Buffer(observations))
    for index in 0..<rows {
      let alone = network.outputs(parameters, try Buffer(row(observations, index, test.image.count)))
      #expect(alone.map(\.bitPattern) == row(outputs, index, EncoderNetwork.outputs).map(\.bitPattern))
    }
  }

  @Test(arguments: [(Encoder.minatar, 10, 10, 64), (.nature, 84, 84, 24), (.impala, 84, 84, 8), (.impala, 210, 160, 2)])
  func blocksOfImagesTakeBoundedMemory(_ encoder: Encoder, _ height: Int, _ width: Int, _ rows: Int) throws {
    let network = try EncoderNetwork(encoder, ImageShape(height: height, width: width, channels: 4)).network
    #expect(network.blockRows == rows)
    #expect(network.floatsPerRow * rows * 4 <= 32 << 20)
  }

  @Test func sizesAreThoseOfPyTorch() {
    func sizes(_ encoder: Encoder, _ size: Int) -> [Int] {
      encoder.shapes(of: ImageShape(height: size, width: size, channels: 3)).map(\.height)
    }
    #expect(sizes(.nature, 84) == [20, 9, 7])
    #expect(sizes(.minatar, 10) == [8])
    // ⌊(n + 2 - 3)/2⌋ + 1 for n = 84, 42 and 21.
    #expect(sizes(.impala, 84) == [42, 21, 11])
    #expect(Encoder.nature.shapes(of: ImageShape(height: 210, width: 160, channels: 3)).last?.count == 22 * 16 * 64)
  }

  @Test func anImageThatIsTooSmallIsRefusedWithTheSizeThatItNeeds() {
    func message(_ encoder: Encoder, _ height: Int, _ width: Int) -> String? {
      refusal { try encoder.validate(ImageShape(height: height, width: width, channels: 3), "parts[1]") }?.message
    }
    // The third convolution needs 3 pixels, so the second 2 · 2 + 4 = 8, so the first 7 · 4 + 8 = 36.
    #expect(
      message(.nature, 84, 35) == "parts[1] is 84 × 35 pixels; it must have at least 36 × 36 for the nature encoder")
    #expect(message(.nature, 36, 36) == nil)
    #expect(message(.minatar, 2, 9) == "parts[1] is 2 × 9 pixels; it must have at least 3 × 3 for the minatar encoder")
    #expect(message(.impala, 1, 1) == nil)
    let padded = Encoder([ConvolutionFilter(channels: 1, kernel: 3, padding: 3)], size: 4)
    #expect(message(padded, 9, 9) == "the encoder's stages[0].padding is 3; it must lie in [0, 2]")
  }
}

extension EncoderNetwork {
  /// Weights that keep the size of activations, and small biases.
  func parameters(_ random: inout TestRandom) -> [Float] {
    network.tensors.flatMap { tensor in
      let scale = tensor.shape.count == 2 ? (2 / Double(tensor.shape[0])).squareRoot() : 0.1
      return random.normals(tensor.count, scale: scale)
    }
  }
}
