import Testing

@Suite struct MatrixTests {
  @Test(arguments: builds) func transposeExchangesRowsAndColumnsAtEverySize(_ build: KernelSet) {
    for (rows, columns) in (1...70).flatMap({ rows in [1, 7, 8, 9, 33, 64, rows].map { (rows, $0) } }) {
      let source = Fenced((0..<rows * columns).map(Float.init))
      let destination = Fenced(columns * (rows + 2))
      destination.fillWithCanaries()
      // Rows of the result lie two floats apart, and the last ends at the fence.
      let stride = rows + 2
      let result = destination.last((columns - 1) * stride + rows)
      build.transpose(rows, columns, source.last(rows * columns), columns, result, stride)
      var wrong = 0
      for j in 0..<columns {
        for i in 0..<rows where result[j * stride + i] != Float(i * columns + j) { wrong += 1 }
        if j < columns - 1 && !sameBits([result[j * stride + rows], result[j * stride + rows + 1]], [canary, canary]) {
          wrong += 1
        }
      }
      #expect(wrong == 0, "\(rows) × \(columns)")
    }
  }

  @Test(arguments: builds) func columnSumsAddToWhatIsThere(_ build: KernelSet) {
    for columns in 1...70 {
      // Row i holds i + j in column j: four rows sum to 6 + 4j, on top of j.
      let source = Fenced((0..<4 * columns).map { Float($0 / columns + $0 % columns) })
      let sums = Fenced((0..<columns).map(Float.init))
      build.addColumnSums(4, columns, source.last(4 * columns), columns, sums.last(columns))
      #expect(sums.values(columns) == (0..<columns).map { Float(6 + 5 * $0) })
    }
  }

  @Test(arguments: builds) func columnSumsRunInTheOrderOfRows(_ build: KernelSet) {
    // 2²⁴ + 1 rounds to 2²⁴ and then -2²⁴ leaves 0; any other order leaves 1.
    var sums: [Float] = [0x1p24]
    build.addColumnSums(2, 1, [1, -0x1p24], 1, &sums)
    #expect(sums == [0])
  }

  @Test(arguments: builds) func gatheredRowsComeInTheOrderOfTheirIndices(_ build: KernelSet) {
    for columns in 1...70 {
      let source = Fenced((0..<5 * columns).map(Float.init))
      let destination = Fenced(3 * columns)
      build.gatherRows(
        3, columns, source.last(5 * columns), columns, [4, 0, 4], destination.last(3 * columns), columns)
      let rows = [4, 0, 4].flatMap { row in (0..<columns).map { Float(row * columns + $0) } }
      #expect(destination.values(3 * columns) == rows)
    }
  }
}
