import KernelShims
import Testing

private struct PoolCase: CustomTestStringConvertible, Sendable {
  let windows: Windows
  let images = 2

  init(_ height: Int, _ width: Int, _ channels: Int, size: Int, stride: Int, padding: Int) {
    windows = Windows(
      height: height, width: width, channels: channels, outputHeight: (height + 2 * padding - size) / stride + 1,
      outputWidth: (width + 2 * padding - size) / stride + 1, size: size, stride: stride, padding: padding)
  }

  var testDescription: String {
    "\(windows.height)×\(windows.width)×\(windows.channels), \(windows.size)/\(windows.stride), padding "
      + "\(windows.padding)"
  }

  var inputs: Int { images * windows.height * windows.width * windows.channels }
  var outputs: Int { images * windows.outputHeight * windows.outputWidth * windows.channels }

  /// For each output, the places of its pixels, row by row.
  var pixels: [[Int]] {
    var result: [[Int]] = []
    for image in 0..<images {
      for i in 0..<windows.outputHeight {
        for j in 0..<windows.outputWidth {
          for c in 0..<windows.channels {
            var places: [Int] = []
            for y in 0..<windows.size {
              for x in 0..<windows.size {
                let row = i * windows.stride - windows.padding + y
                let column = j * windows.stride - windows.padding + x
                guard (0..<windows.height).contains(row), (0..<windows.width).contains(column) else { continue }
                places.append(((image * windows.height + row) * windows.width + column) * windows.channels + c)
              }
            }
            result.append(places)
          }
        }
      }
    }
    return result
  }

  static let all = [
    PoolCase(5, 5, 1, size: 3, stride: 2, padding: 1), PoolCase(8, 6, 16, size: 3, stride: 2, padding: 1),
    PoolCase(4, 7, 3, size: 2, stride: 2, padding: 0), PoolCase(6, 6, 11, size: 3, stride: 1, padding: 1),
    PoolCase(3, 3, 32, size: 3, stride: 3, padding: 0),
  ]
}

@Suite struct MaxPoolTests {
  @Test(arguments: builds, PoolCase.all)
  private func derivativesFollowTheFirstLargestPixel(_ build: KernelSet, _ test: PoolCase) {
    var random = TestRandom(11)
    // Few different values, so that many windows hold their maximum twice.
    let x = random.floats(test.inputs, 4).map { $0.rounded() }
    let (tangents, gradients) = (random.floats(test.inputs), random.floats(test.outputs))
    let before = random.floats(test.inputs)
    let first = test.pixels.map { places in places.reduce(places[0]) { x[$1] > x[$0] ? $1 : $0 } }
    var windows = test.windows
    let (images, outputs) = (Fenced(x), Fenced(test.outputs))
    build.maxPoolForward(test.images, &windows, images.last(test.inputs), outputs.last(test.outputs))
    #expect(outputs.values(test.outputs) == first.map { x[$0] })

    let tangentMemory = Fenced(tangents)
    let moved = Fenced(test.outputs)
    build.maxPoolTangent(
      test.images, &windows, images.last(test.inputs), outputs.last(test.outputs), tangentMemory.last(test.inputs),
      moved.last(test.outputs))
    #expect(moved.values(test.outputs) == first.map { tangents[$0] })

    var expected = before
    for (output, place) in first.enumerated() { expected[place] += gradients[output] }
    let gradientMemory = Fenced(gradients)
    let result = inPlace(before) {
      build.maxPoolBackward(
        test.images, &windows, images.last(test.inputs), outputs.last(test.outputs), gradientMemory.last(test.outputs),
        $0)
    }
    #expect(result == expected)
  }

  @Test(arguments: builds, 0..<4) func aPixelThatIsNaNMakesItsWindowNaN(_ build: KernelSet, _ place: Int) {
    var x: [Float] = [1, 2, 3, 4]
    x[place] = .nan
    var windows = Windows(
      height: 2, width: 2, channels: 1, outputHeight: 1, outputWidth: 1, size: 2, stride: 1, padding: 0)
    var output: Float = 0
    build.maxPoolForward(1, &windows, x, &output)
    #expect(output.isNaN)
  }
}
