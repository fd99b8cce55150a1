import KernelShims
import Testing

/// Images, and the patches that a square kernel visits on them.
private struct PatchCase: CustomTestStringConvertible, Sendable {
  let height: Int
  let width: Int
  let channels: Int
  let kernel: Int
  let stride: Int
  let columns: Int
  let images: Int

  init(
    _ height: Int, _ width: Int, _ channels: Int, kernel: Int, stride: Int, columns: Int, images: Int
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.kernel, self.stride, self.columns, self.images) = (kernel, stride, columns, images)
  }

  var testDescription: String {
    "\(images) of \(height)×\(width)×\(channels), \(kernel)×\(kernel)/\(stride), \(columns) columns"
  }

  var floats: Int { images * height * width * channels }
  var depth: Int { kernel * kernel * channels }
  var rows: Int { offsets.count }

  var offsets: [Int] {
    (0..<images).flatMap { image in
      Swift.stride(from: 0, through: height - kernel, by: stride).flatMap { i in
        Swift.stride(from: 0, through: width - kernel, by: stride).map { j in
          ((image * height + i) * width + j) * channels
        }
      }
    }
  }

  /// The place of a patch's k-th float.
  func place(_ offset: Int, _ k: Int) -> Int {
    offset + k / (kernel * channels) * width * channels + k % (kernel * channels)
  }

  func withPatches<Result>(_ base: UnsafePointer<Float>, _ body: (UnsafePointer<Patches>) -> Result) -> Result {
    offsets.withUnsafeBufferPointer { offsets in
      var patches = Patches(
        base: base, offsets: offsets.baseAddress!, lines: kernel, lineLength: kernel * channels,
        lineStride: width * channels)
      return body(&patches)
    }
  }

  static let all = [
    PatchCase(5, 5, 1, kernel: 3, stride: 1, columns: 1, images: 1),
    PatchCase(4, 7, 3, kernel: 2, stride: 2, columns: 5, images: 3),
    PatchCase(9, 8, 4, kernel: 3, stride: 1, columns: 8, images: 2),
    PatchCase(7, 7, 16, kernel: 3, stride: 2, columns: 16, images: 2),
    PatchCase(6, 5, 3, kernel: 1, stride: 1, columns: 23, images: 5),
    PatchCase(11, 13, 2, kernel: 5, stride: 3, columns: 33, images: 1),
    PatchCase(10, 10, 64, kernel: 3, stride: 1, columns: 64, images: 1),
    PatchCase(12, 9, 40, kernel: 8, stride: 1, columns: 61, images: 1),
  ]
}

@Suite struct PatchTests {
  @Test(arguments: builds, PatchCase.all)
  private func everyPatchIsMultipliedInTheOrderOfDepth(_ build: KernelSet, _ test: PatchCase) {
    var random = TestRandom(3)
    let (depth, columns, rows) = (test.depth, test.columns, test.rows)
    let images = random.floats(test.floats)
    let b = random.floats(depth * columns)
    let bias = random.floats(columns)
    let expected = test.offsets.flatMap { offset in
      (0..<columns).map { j in
        (0..<depth).reduce(bias[j]) { build.fused($0, images[test.place(offset, $1)], b[$1 * columns + j]) }
      }
    }
    let (imageMemory, right, start) = (Fenced(images), Fenced(b), Fenced(bias))
    let panels = Fenced(depth * columns)
    let result = Fenced(rows * columns)
    build.packPanels(depth, columns, Rows(base: right.last(b.count), stride: columns), panels.last(depth * columns))
    for (kernel, isRectified) in [(build.multiplyPatches, false), (build.multiplyPatchesRelu, true)] {
      result.fillWithCanaries()
      test.withPatches(imageMemory.last(test.floats)) { patches in
        var product = PatchProduct(
          rows: rows, columns: columns, a: patches.pointee, b: panels.last(depth * columns),
          initial: InitialRows(base: start.last(columns), stride: 0),
          c: MutableRows(base: result.last(rows * columns), stride: columns))
        kernel(&product)
      }
      #expect(sameBits(result.values(rows * columns), isRectified ? expected.map { max($0, 0) } : expected))
    }
  }

  @Test(arguments: builds, PatchCase.all)
  private func transposedPatchesAreMultipliedInTheOrderOfPatches(_ build: KernelSet, _ test: PatchCase) {
    var random = TestRandom(5)
    let (depth, columns, rows) = (test.depth, test.columns, test.rows)
    let images = random.floats(test.floats)
    let b = random.floats(rows * columns)
    let before = random.floats(depth * columns)
    let offsets = test.offsets
    var expected = before
    for k in 0..<depth {
      for j in 0..<columns {
        expected[k * columns + j] = (0..<rows).reduce(before[k * columns + j]) {
          build.fused($0, images[test.place(offsets[$1], k)], b[$1 * columns + j])
        }
      }
    }
    let (imageMemory, right) = (Fenced(images), Fenced(b))
    let result = inPlace(before) { c in
      test.withPatches(imageMemory.last(test.floats)) {
        build.addTransposedPatches(
          rows, columns, $0, Rows(base: right.last(rows * columns), stride: columns),
          MutableRows(base: c, stride: columns))
      }
    }
    #expect(sameBits(result, expected))
  }

  @Test(arguments: builds, PatchCase.all)
  private func rowsAreAddedToTheirPatches(_ build: KernelSet, _ test: PatchCase) {
    var random = TestRandom(7)
    let before = random.floats(test.floats)
    let rows = random.floats(test.rows * test.depth)
    var expected = before
    for (i, offset) in test.offsets.enumerated() {
      for k in 0..<test.depth { expected[test.place(offset, k)] += rows[i * test.depth + k] }
    }
    let source = Fenced(rows)
    let result = inPlace(before) { images in
      test.withPatches(images) {
        build.addToPatches(test.rows, $0, Rows(base: source.last(rows.count), stride: test.depth))
      }
    }
    #expect(sameBits(result, expected))
  }
}
