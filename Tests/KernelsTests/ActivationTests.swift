import Testing

@Suite struct ActivationTests {
  @Test(arguments: builds) func tanhBackwardMultipliesByOneMinusTheSquare(_ build: KernelSet) {
    // 1 - 0.5² = 0.75, 1 - 1 = 0
    let gradients = inPlace([4, 4, 4, .nan]) { build.tanhBackward([0.5, -1, 0, 0], $0, 4) }
    #expect(Array(gradients[..<3]) == [3, 0, 4] && gradients[3].isNaN)
  }

  @Test(arguments: builds) func reluKeepsWhatIsPositiveAndNaN(_ build: KernelSet) {
    let values = inPlace([-1, 0, 2, -.infinity, .infinity, .nan, -0x1p-140, 0x1p-140, 3]) { build.reluForward($0, 9) }
    #expect(Array(values[..<5]) == [0, 0, 2, 0, .infinity] && values[5].isNaN)
    #expect(Array(values[6...]) == [0, 0x1p-140, 3])
  }

  @Test(arguments: builds) func reluBackwardPassesGradientsOnlyWhereTheOutputIsPositive(_ build: KernelSet) {
    let gradients = inPlace([1, 2, 3, .nan, .infinity, -6, 7, 8, 9]) {
      build.reluBackward([1, 0, 0x1p-140, 0, 0, 2, 0, 3, 0], $0, 9)
    }
    #expect(gradients == [1, 0, 3, 0, 0, -6, 0, 8, 0])
  }
}
