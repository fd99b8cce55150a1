import Foundation
import KernelShims
import Testing

/// What the product of two fixed matrices must be, bit for bit, at every depth up to `size`.
///
/// sums[k] holds after k terms the sums that start from `initial`, each taken in the order of k with the build's own
/// multiply-add. A product of any shape must repeat these bits: that it does is batch invariance.
private struct Expectation {
  let size: Int
  let a: [Float]
  let b: [Float]
  let initial: [Float]
  var sums: [[Float]]

  init(_ build: KernelSet, size: Int, initial: [Float]? = nil) {
    var random = TestRandom(7)
    self.size = size
    let a = random.floats(size * size)
    let b = random.floats(size * size)
    self.a = a
    self.b = b
    self.initial = initial ?? [Float](repeating: 0, count: size * size)
    sums = [self.initial]
    var running = self.initial
    for k in 0..<size {
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          running.withUnsafeMutableBufferPointer { running in
            for i in 0..<size {
              let left = a[i * size + k]
              for j in 0..<size { running[i * size + j] = build.fused(running[i * size + j], left, b[k * size + j]) }
            }
          }
        }
      }
      sums.append(running)
    }
  }
}

/// Whether c holds the expected corner and, around it, nothing but canaries.
private func holds(
  _ c: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ stride: Int, _ expected: [Float], _ expectedStride: Int,
  _ canaries: UnsafePointer<Float>
) -> Bool {
  expected.withUnsafeBufferPointer { expected in
    for i in 0..<rows {
      let row = c + i * stride
      if !sameBits(row, expected.baseAddress! + i * expectedStride, columns) { return false }
      if i < rows - 1 && !sameBits(row + columns, canaries, stride - columns) { return false }
    }
    return sameBits(c - 16, canaries, 16)
  }
}

@Suite struct MultiplyTests {
  @Test(arguments: builds) func everyShapeSumsEachElementInTheOrderOfDepth(_ build: KernelSet) {
    let expectation = Expectation(build, size: 70)
    let size = expectation.size
    let b = Fenced(size * size)
    let c = Fenced(size * (size + 3) + 16)
    let canaries = [Float](repeating: canary, count: 128)
    var failures: [String] = []
    for depth in [1, 2, 3, 8, 17, 64, 70] {
      for columns in 1...70 {
        // b is packed to its columns and ends at the fence, so a read past the last row's end would stop here.
        let right = b.last(depth * columns)
        for k in 0..<depth {
          for j in 0..<columns { right[k * columns + j] = expectation.b[k * size + j] }
        }
        for rows in stride(from: 1 + columns % 3, through: 70, by: columns < 20 ? 1 : 3) {
          c.fillWithCanaries()
          let stride = columns + columns % 4
          let result = c.last((rows - 1) * stride + columns)
          build.multiply(rows, columns, depth, expectation.a, size, 1, right, columns, nil, 0, result, stride)
          if !holds(result, rows, columns, stride, expectation.sums[depth], size, canaries) {
            failures.append("\(rows)×\(columns)×\(depth)")
          }
        }
      }
    }
    #expect(failures.isEmpty)
  }

  @Test(arguments: builds) func sumsMatchDoublePrecisionUpToRounding(_ build: KernelSet) {
    let expectation = Expectation(build, size: 70)
    var worst = 0.0
    for i in 0..<70 {
      for j in 0..<70 {
        var sum = 0.0
        for k in 0..<70 { sum += Double(expectation.a[i * 70 + k]) * Double(expectation.b[k * 70 + j]) }
        worst = max(worst, abs(sum - Double(expectation.sums[70][i * 70 + j])))
      }
    }
    // 70 roundings of sums below 20, whose half unit is 2⁻²⁰: at most 70 · 2⁻²⁰ = 7e-5, and far less by their signs.
    #expect(worst < 2e-5)
  }

  @Test(arguments: builds, [(129, 257, 65), (3, 515, 129), (515, 3, 40), (1, 515, 257), (2, 130, 300), (257, 9, 515)])
  func oddSizesBeyondTheTilesAreRight(_ build: KernelSet, _ shape: (Int, Int, Int)) {
    let (rows, columns, depth) = shape
    var random = TestRandom(3)
    let a = Fenced(random.floats(rows * depth))
    let b = Fenced(random.floats(depth * columns))
    let c = Fenced(rows * columns)
    let left = a.last(rows * depth)
    let right = b.last(depth * columns)
    build.multiply(rows, columns, depth, left, depth, 1, right, columns, nil, 0, c.last(rows * columns), columns)
    let result = c.last(rows * columns)
    for (i, j) in [(0, 0), (rows - 1, columns - 1), (rows / 2, columns - 1), (rows - 1, columns / 2), (0, columns / 3)]
    {
      var sum: Float = 0
      for k in 0..<depth { sum = build.fused(sum, left[i * depth + k], right[k * columns + j]) }
      #expect(result[i * columns + j] == sum)
    }
  }

  @Test(arguments: builds, [128, 129, 256, 300])
  func deepProductsAreOneSumInTheOrderOfDepth(_ build: KernelSet, _ depth: Int) {
    // Products of fewer rows are not divided.
    for (rows, isTransposed) in [(31, false), (32, false), (32, true), (67, true)] {
      expectSumsInTheOrderOfDepth(build, rows, columns: 41, depth, isTransposed: isTransposed)
    }
  }

  /// The first is as large as b must be to be divided even for few rows; the second is smaller.
  @Test(arguments: builds, [(256, 512), (256, 511), (263, 519)])
  func productsWithLargeMatricesAreOneSumInTheOrderOfDepth(_ build: KernelSet, _ shape: (columns: Int, depth: Int)) {
    for (rows, isTransposed) in [(1, false), (2, false), (7, true), (31, false), (33, false)] {
      expectSumsInTheOrderOfDepth(build, rows, columns: shape.columns, shape.depth, isTransposed: isTransposed)
    }
  }

  /// The first result is as large as it must be to be computed in groups of rows; the second is smaller.
  @Test(arguments: builds, [(512, 256, 24), (511, 256, 24), (499, 263, 65)])
  func largeResultsAreOneSumInTheOrderOfDepth(_ build: KernelSet, _ shape: (rows: Int, columns: Int, depth: Int)) {
    expectSumsInTheOrderOfDepth(build, shape.rows, columns: shape.columns, shape.depth, isTransposed: true)
  }

  private func expectSumsInTheOrderOfDepth(
    _ build: KernelSet, _ rows: Int, columns: Int, _ depth: Int, isTransposed: Bool
  ) {
    var random = TestRandom(17)
    let bias = random.floats(columns)
    let (aRowStride, aColumnStride) = isTransposed ? (1, rows) : (depth, 1)
    let a = random.floats(rows * depth)
    let b = random.floats(depth * columns)
    let sums = (0..<rows * columns).map { place in
      (0..<depth).reduce(bias[place % columns]) { sum, k in
        build.fused(sum, a[place / columns * aRowStride + k * aColumnStride], b[k * columns + place % columns])
      }
    }
    let outputs = random.floats(sums.count)
    func ending(_ apply: (Output) -> Void) -> [Float] {
      var values = sums
      apply(&values)
      return values
    }
    let kernels: [((UnsafePointer<MatrixProduct>) -> Void, [Float])] = [
      (build.multiply, sums), (build.multiplyRelu, sums.map { max($0, 0) }),
      ({ build.multiplyThroughRelu($0, outputs) }, ending { build.reluBackward(outputs, $0, sums.count) }),
      ({ build.multiplyThroughTanh($0, outputs) }, ending { build.tanhBackward(outputs, $0, sums.count) }),
    ]
    for (kernel, expected) in kernels {
      var c = [Float](repeating: canary, count: sums.count)
      build.multiply(by: kernel, rows, columns, depth, a, aRowStride, aColumnStride, b, columns, bias, 0, &c, columns)
      #expect(sameBits(c, expected), "\(rows) rows, transposed: \(isTransposed)")
    }
  }

  @Test(arguments: builds) func aTransposedLeftFactorGivesTheSameBits(_ build: KernelSet) {
    let size = 70
    let expectation = Expectation(build, size: size, initial: (0..<size * size).map { Float($0 % 13) / 8 })
    var transposed = [Float](repeating: 0, count: size * size)
    build.transpose(size, size, expectation.a, size, &transposed, size)
    let canaries = [Float](repeating: canary, count: 128)
    let c = Fenced(size * size + 16)
    for columns in [1, 2, 6, 7, 8, 16, 24, 31, 33, 70] {
      for rows in 1...size {
        // Added to what is there, as a layer's gradient is.
        c.fillWithCanaries()
        let result = c.last(rows * columns)
        for i in 0..<rows * columns { result[i] = expectation.initial[i / columns * size + i % columns] }
        build.multiply(
          rows, columns, size, transposed, 1, size, expectation.b, size, result, columns, result, columns)
        #expect(
          holds(result, rows, columns, columns, expectation.sums[size], size, canaries), "\(rows) × \(columns)")
      }
    }
  }

  @Test(arguments: builds, [1, 5, 16, 23, 64, 70])
  func sumsStartFromABiasRowOrFromTheResultItself(_ build: KernelSet, _ columns: Int) {
    var random = TestRandom(11)
    let bias = random.floats(70)
    let repeated = (0..<70 * 70).map { bias[$0 % 70] }
    let expectation = Expectation(build, size: 70, initial: repeated)
    for rows in [1, 2, 3, 4, 5, 6, 7, 13, 70] {
      var fromBias = [Float](repeating: 0, count: rows * columns)
      build.multiply(rows, columns, 70, expectation.a, 70, 1, expectation.b, 70, bias, 0, &fromBias, columns)
      var accumulated = (0..<rows * columns).map { bias[$0 % columns] }
      accumulated.withUnsafeMutableBufferPointer { c in
        let start = c.baseAddress!
        build.multiply(rows, columns, 70, expectation.a, 70, 1, expectation.b, 70, start, columns, start, columns)
      }
      let expected = (0..<rows * columns).map { expectation.sums[70][$0 / columns * 70 + $0 % columns] }
      #expect(sameBits(fromBias, expected))
      #expect(sameBits(accumulated, expected))
    }
  }

  @Test(arguments: builds) func nothingIsDoneForSizesOfZero(_ build: KernelSet) {
    var c: [Float] = [1, 2, 3, 4]
    build.multiply(0, 2, 2, [1], 2, 1, [1], 2, nil, 0, &c, 2)
    build.multiply(2, 0, 2, [1], 2, 1, [1], 2, nil, 0, &c, 2)
    #expect(c == [1, 2, 3, 4])
    // An empty sum is its start.
    build.multiply(2, 2, 0, [1], 2, 1, [1], 2, [5, 6], 0, &c, 2)
    #expect(c == [5, 6, 5, 6])
  }

  @Test(arguments: builds) func aNaNReachesItsOwnRowAndColumnAlone(_ build: KernelSet) {
    var a = [Float](repeating: 1, count: 9 * 5)
    var b = [Float](repeating: 1, count: 5 * 21)
    a[3 * 5 + 2] = .nan
    b[4 * 21 + 20] = .infinity
    var c = [Float](repeating: 0, count: 9 * 21)
    build.multiply(9, 21, 5, a, 5, 1, b, 21, nil, 0, &c, 21)
    for i in 0..<9 {
      for j in 0..<21 {
        let value = c[i * 21 + j]
        #expect(i == 3 ? value.isNaN : j == 20 ? value == .infinity : value == 5)
      }
    }
  }

  @Test(arguments: builds) func anEndingDoesWhatItsOwnKernelWouldAfterwards(_ build: KernelSet) {
    let (depth, size) = (11, 70)
    var random = TestRandom(13)
    let a = random.floats(size * size)
    let b = random.floats(depth * size)
    let bias = random.floats(size)
    let y = random.floats(size * (size + 3))
    let (c, outputs) = (Fenced(y.count), Fenced(y.count))
    var failures: [String] = []
    for columns in 1...size {
      let stride = columns + columns % 4
      for (rows, isTransposed) in [1, 2, 3, 5, 8, 13, 32, 47, 70].flatMap({ [($0, false), ($0, true)] }) {
        let count = (rows - 1) * stride + columns
        let (aRowStride, aColumnStride) = isTransposed ? (1, size) : (size, 1)
        let given = outputs.last(count)
        given.update(from: y, count: count)
        func product(_ multiply: (Int, Int, UnsafeMutablePointer<Float>) -> Void) -> [Float] {
          c.fillWithCanaries()
          multiply(aRowStride, aColumnStride, c.last(count))
          return c.values(count)
        }
        let plain = product { build.multiply(rows, columns, depth, a, $0, $1, b, size, bias, 0, $2, stride) }
        let relu = product {
          build.multiply(by: build.multiplyRelu, rows, columns, depth, a, $0, $1, b, size, bias, 0, $2, stride)
        }
        let throughRelu = product {
          build.multiply(
            by: { build.multiplyThroughRelu($0, given) }, rows, columns, depth, a, $0, $1, b, size, bias, 0, $2, stride)
        }
        let throughTanh = product {
          build.multiply(
            by: { build.multiplyThroughTanh($0, given) }, rows, columns, depth, a, $0, $1, b, size, bias, 0, $2, stride)
        }
        for (result, ending) in [
          (relu, { values, _ in build.reluForward(values, columns) }),
          (throughRelu, { build.reluBackward(given + $1, $0, columns) }),
          (throughTanh, { build.tanhBackward(given + $1, $0, columns) }),
        ] as [([Float], (UnsafeMutablePointer<Float>, Int) -> Void)] {
          var expected = plain
          expected.withUnsafeMutableBufferPointer { expected in
            for row in 0..<rows { ending(expected.baseAddress! + row * stride, row * stride) }
          }
          if !sameBits(result, expected) { failures.append("\(rows) × \(columns), transposed: \(isTransposed)") }
        }
      }
    }
    #expect(failures.isEmpty)
  }
}
