import Testing

@testable import PolicyGradient

@Suite struct ResidualBlockTests {
  @Test(arguments: KernelSet.available, [Activation?.none, .relu])
  func allThreePassesMatchDoublePrecision(_ kernels: KernelSet, _ activation: Activation?) throws {
    let image = ImageShape(height: 5, width: 4, channels: 6)
    let block = ResidualBlock(
      ("a", "b"), image: image, activation: activation, hasBias: true, indices: (0, 1), at: 0, kernels)
    #expect(block.tensors.map(\.name) == ["a.weight", "a.bias", "b.weight", "b.bias"])
    try checkPasses(block, rows: 3) { parameters, x in
      (0..<3).flatMap { row in
        var left = parameters[...]
        let y = ReferenceImages.residualBlock(
          Array(x[row * image.count..<(row + 1) * image.count]), image, &left)
        return activation == nil ? y : y.map { max($0, 0) }
      }
    }
  }

  @Test(arguments: KernelSet.available, [(5, 4, 3), (8, 9, 16)])
  func maximaAndTheirDerivativesMatchDoublePrecision(_ kernels: KernelSet, _ size: (Int, Int, Int)) throws {
    let image = ImageShape(height: size.0, width: size.1, channels: size.2)
    let pool = MaxPool(image: image, size: 3, stride: 2, padding: 1, kernels)
    try checkPasses(pool, rows: 2) { _, x in
      (0..<2).flatMap { row in
        ReferenceImages.maxPool(
          Array(x[row * image.count..<(row + 1) * image.count]), image, size: 3, stride: 2, padding: 1)
      }
    }
  }
}
