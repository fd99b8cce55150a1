import Testing

@testable import PolicyGradient

struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  let image: ImageShape
  let filter: ConvolutionFilter
  var activation: Activation? = .relu
  var hasBias = true
  var rows = 3

  init(
    _ height: Int, _ width: Int, _ channels: Int, to outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    activation: Activation? = .relu, hasBias: Bool = true, rows: Int = 3
  ) {
    image = ImageShape(height: height, width: width, channels: channels)
    filter = ConvolutionFilter(channels: outputs, kernel: kernel, stride: stride, padding: padding)
    (self.activation, self.hasBias, self.rows) = (activation, hasBias, rows)
  }

  var testDescription: String {
    "\(rows) of \(image.height)×\(image.width)×\(image.channels) → \(filter.channels), "
      + "\(filter.kernel)/\(filter.stride) padding \(filter.padding) \(activation?.name ?? "")"
  }

  func layer(_ kernels: KernelSet = .best, at offset: Int = 0) -> Convolution {
    Convolution(
      "image.0", image: image, filter, activation: activation, hasBias: hasBias, gain: nil, index: 0, at: offset,
      kernels)
  }

  func reference(_ parameters: [Double], _ x: [Double]) -> [Double] {
    (0..<rows).flatMap { row in
      var left = parameters[...]
      return ReferenceImages.convolution(
        Array(x[row * image.count..<(row + 1) * image.count]), image, filter, &left, hasBias: hasBias,
        activation: value)
    }
  }

  private func value(_ x: Double) -> Double { activation.map { ReferencePolicy.activation($0, x) } ?? x }

  static let all = [
    ConvolutionCase(5, 7, 1, to: 1, kernel: 3), ConvolutionCase(7, 5, 3, to: 4, kernel: 3, stride: 2),
    ConvolutionCase(6, 9, 4, to: 16, kernel: 4, stride: 3, padding: 2),
    ConvolutionCase(10, 10, 16, to: 8, kernel: 3, padding: 1),
    ConvolutionCase(11, 8, 3, to: 5, kernel: 2, stride: 4, padding: 1),
    ConvolutionCase(6, 6, 4, to: 19, kernel: 1, hasBias: false), ConvolutionCase(8, 8, 2, to: 3, kernel: 8),
    ConvolutionCase(5, 6, 3, to: 6, kernel: 3, padding: 1, activation: nil),
    ConvolutionCase(5, 6, 3, to: 6, kernel: 3, padding: 2, activation: .tanh),
    ConvolutionCase(6, 5, 4, to: 7, kernel: 2, activation: .gelu),
    ConvolutionCase(4, 4, 16, to: 16, kernel: 3, padding: 1, activation: .silu, rows: 2),
    ConvolutionCase(3, 3, 2, to: 3, kernel: 2, padding: 1, rows: 70),
    ConvolutionCase(3, 3, 1, to: 2, kernel: 2, rows: 150),
  ]
}

@Suite struct ConvolutionTests {
  @Test(arguments: KernelSet.available, ConvolutionCase.all)
  func allThreePassesMatchDoublePrecision(_ kernels: KernelSet, _ test: ConvolutionCase) throws {
    try checkPasses(test.layer(kernels), rows: test.rows, test.reference)
  }

  @Test(arguments: KernelSet.available, ConvolutionCase.all)
  func anImageHasTheSameBitsAloneAndAmongOthers(_ kernels: KernelSet, _ test: ConvolutionCase) throws {
    let layer = test.layer(kernels)
    var random = TestRandom(9)
    let parameters = random.normals(layer.end)
    let x = random.normals(test.rows * layer.inputs)
    let outputs = try LayerRun(layer, parameters: parameters, inputs: x).outputs()
    for index in 0..<test.rows {
      let alone = try LayerRun(layer, parameters: parameters, inputs: row(x, index, layer.inputs)).outputs()
      #expect(alone.map(\.bitPattern) == row(outputs, index, layer.outputs).map(\.bitPattern))
    }
  }

  @Test(arguments: [KernelSet.MultiplyThroughSlope?.none, KernelSet.best.multiplyThroughRelu], [false, true])
  func aBranchAddsToTheGradientBelowAndAppliesItsSlope(
    _ slope: KernelSet.MultiplyThroughSlope?, _ isPadded: Bool
  ) throws {
    let test = ConvolutionCase(5, 6, 3, to: 6, kernel: 3, padding: isPadded ? 1 : 0)
    let layer = test.layer()
    var random = TestRandom(13)
    let parameters = random.normals(layer.end)
    let x = random.normals(test.rows * layer.inputs)
    let above = random.normals(test.rows * layer.outputs)
    let before = random.normals(x.count)
    let run = try LayerRun(layer, parameters: parameters, inputs: x)
    _ = run.outputs()
    let plain = try run.gradients(above)
    let result = try run.gradients(above, before: before, slope: slope)
    #expect(result.parameters == plain.parameters)
    let sums = zip(before, plain.inputs).map { $0 + $1 }
    let expected = slope == nil ? sums : zip(sums, x).map { $1 > 0 ? $0 : 0 }
    #expect(greatestError(result.inputs, doubles(expected)) < 1e-5)
  }

  @Test(arguments: ConvolutionCase.all)
  func aLayerThatReadsTheObservationHasTheSameGradient(_ test: ConvolutionCase) throws {
    let layer = test.layer()
    var random = TestRandom(15)
    let parameters = random.normals(layer.end)
    let run = try LayerRun(layer, parameters: parameters, inputs: random.normals(test.rows * layer.inputs))
    let above = random.normals(run.outputs().count)
    #expect(try run.parameterGradient(above) == run.gradients(above).parameters)
  }

  @Test func aWeightIsNamedAndShapedByPatches() {
    let layer = ConvolutionCase(6, 9, 4, to: 16, kernel: 3).layer(at: 10)
    #expect(layer.tensors.map(\.name) == ["image.0.weight", "image.0.bias"])
    #expect(layer.tensors.map(\.shape) == [[36, 16], [16]])
    #expect(layer.tensors.map(\.offset) == [10, 586])
    #expect(layer.end == 602)
  }
}
