import Foundation
import Testing

private struct Batch {
  let rows = 5
  let columns: Int
  let x: [Float]
  let scale: [Float]
  let shift: [Float]
  let direction: [Float]
  let scaleDirection: [Float]
  let shiftDirection: [Float]

  init(_ columns: Int) {
    var random = TestRandom(UInt64(columns))
    self.columns = columns
    x = random.floats(5 * columns, 3)
    scale = random.floats(columns, 2)
    shift = random.floats(columns)
    direction = random.floats(5 * columns)
    scaleDirection = random.floats(columns)
    shiftDirection = random.floats(columns)
  }

  /// y in double at x + t · direction and so on.
  func outputs(_ t: Double) -> [Double] {
    var result: [Double] = []
    for row in 0..<rows {
      let values = (0..<columns).map { j -> Double in
        Double(x[row * columns + j]) + t * Double(direction[row * columns + j])
      }
      let mean = values.reduce(0, +) / Double(columns)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      for j in 0..<columns {
        let n = (values[j] - mean) / (variance + 1e-5).squareRoot()
        let (a, b) = (
          Double(scale[j]) + t * Double(scaleDirection[j]), Double(shift[j]) + t * Double(shiftDirection[j])
        )
        result.append(a * n + b)
      }
    }
    return result
  }
}

@Suite struct LayerNormTests {
  @Test(arguments: builds, [2, 3, 7, 8, 9, 16, 33]) func allThreePassesMatchDoublePrecision(
    _ build: KernelSet, _ columns: Int
  ) {
    let batch = Batch(columns)
    let (rows, count) = (batch.rows, batch.rows * columns)
    let normalized = Fenced(batch.x)
    let inverses = Fenced(rows)
    let outputs = Fenced(count)
    build.layerNormForward(
      rows, columns, normalized.last(count), inverses.last(rows), batch.scale, batch.shift, outputs.last(count))
    let expected = batch.outputs(0)
    for at in 0..<count { #expect(isClose(outputs.last(count)[at], expected[at], 1e-5)) }

    let tangents = inPlace(batch.direction) {
      build.layerNormTangent(
        rows, columns, normalized.last(count), inverses.last(rows), batch.scale, batch.scaleDirection,
        batch.shiftDirection, $0)
    }
    let (above, below) = (batch.outputs(1e-6), batch.outputs(-1e-6))
    var forward = 0.0
    var random = TestRandom(99)
    let cotangent = random.floats(count)
    for at in 0..<count {
      let slope = (above[at] - below[at]) / 2e-6
      #expect(isClose(tangents[at], slope, 2e-5))
      forward += slope * Double(cotangent[at])
    }

    // The backward pass is the transpose of the forward one: ⟨cotangent, J direction⟩ = ⟨Jᵀ cotangent, direction⟩.
    let scaleGradient = Fenced([Float](repeating: 0, count: columns))
    let shiftGradient = Fenced([Float](repeating: 0, count: columns))
    let gradients = inPlace(cotangent) {
      build.layerNormBackward(
        rows, columns, normalized.last(count), inverses.last(rows), batch.scale, $0, scaleGradient.last(columns),
        shiftGradient.last(columns))
    }
    var backward = 0.0
    for at in 0..<count { backward += Double(gradients[at]) * Double(batch.direction[at]) }
    for j in 0..<columns {
      backward += Double(scaleGradient.last(columns)[j]) * Double(batch.scaleDirection[j])
      backward += Double(shiftGradient.last(columns)[j]) * Double(batch.shiftDirection[j])
    }
    #expect(abs(backward - forward) < 1e-4 * max(1, abs(forward)))
  }

  @Test(arguments: builds) func aConstantRowBecomesItsShift(_ build: KernelSet) {
    let normalized = Fenced([Float](repeating: 4, count: 11))
    let inverses = Fenced(1)
    let outputs = Fenced(11)
    let shift = (0..<11).map { Float($0) }
    build.layerNormForward(
      1, 11, normalized.last(11), inverses.last(1), [Float](repeating: 2, count: 11), shift, outputs.last(11))
    #expect(outputs.values(11) == shift)
  }
}
