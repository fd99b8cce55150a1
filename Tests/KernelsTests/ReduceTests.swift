import Testing

@Suite struct ReduceTests {
  @Test(arguments: builds) func sumsAreExactWhereDoubleIs(_ build: KernelSet) {
    for count in 0...70 {
      // 1 … n: Σ = n(n + 1)/2, Σx² = n(n + 1)(2n + 1)/6, Σ(x - ½)² = Σx² - Σx + n/4
      let values = Fenced((1..<count + 1).map(Float.init))
      let n = Double(count)
      let (sum, squares) = (n * (n + 1) / 2, n * (n + 1) * (2 * n + 1) / 6)
      #expect(build.sum(values.last(count), count) == sum)
      #expect(build.sumOfSquares(values.last(count), count) == squares)
      #expect(build.sumOfSquaredDeviations(values.last(count), count, 0.5) == squares - sum + n / 4)
    }
  }

  @Test(arguments: builds) func sumsOfSquaresDoNotOverflow(_ build: KernelSet) {
    // (2¹²⁷)² · 2 = 2²⁵⁵
    #expect(build.sumOfSquares([0x1p127, -0x1p127], 2) == 0x1p255)
  }

  @Test(arguments: builds) func oneInfinityOrNaNAnywhereIsFound(_ build: KernelSet) {
    for count in 0...33 {
      let values = Fenced([Float](repeating: -.greatestFiniteMagnitude, count: count))
      #expect(build.isFinite(values.last(count), count))
      for place in 0..<count {
        for bad: Float in [.infinity, -.infinity, .nan, -.nan] {
          values.last(count)[place] = bad
          #expect(!build.isFinite(values.last(count), count))
        }
        values.last(count)[place] = place % 2 == 0 ? 0 : .leastNonzeroMagnitude
      }
    }
  }

  @Test(arguments: builds) func linearChangesReachEveryElementAndNoOther(_ build: KernelSet) {
    for count in 0...33 {
      let values = (0..<count).map(Float.init)
      let ones = [Float](repeating: 1, count: count)
      #expect(inPlace(values) { build.scale($0, count, 3) } == values.map { $0 * 3 })
      #expect(inPlace(ones) { build.writeScaled($0, values, 3, count) } == values.map { $0 * 3 })
      #expect(inPlace(values) { build.addScaled($0, ones, 0.5, count) } == values.map { $0 + 0.5 })
      #expect(inPlace(values) { build.shiftAndScale($0, count, 1, 2) } == values.map { ($0 - 1) * 2 })
      let memory = Fenced(100)
      for run in [{ build.scale($0, count, 2) }, { build.writeScaled($0, values, 2, count) }] as [(Output) -> Void] {
        memory.fillWithCanaries()
        run(memory.last(100))
        #expect(sameBits(memory.last(100) + count, [Float](repeating: canary, count: 100), 100 - count))
      }
    }
  }
}
