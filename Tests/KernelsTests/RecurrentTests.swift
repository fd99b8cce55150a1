import Foundation
import KernelShims
import Testing

private let rows = 3

/// Random arguments of one step. Each matrix ends at a fence.
private struct Step {
  let size: Int
  /// What is inside σ and tanh, rows × gates · size.
  let sums: [Float]
  let (hidden, previous, cells): ([Float], [Float], [Float])
  /// Directions of the same four.
  let (sumTangents, hiddenTangents, previousTangents, cellTangents): ([Float], [Float], [Float], [Float])
  /// The gradients by the outputs: from above, and carried from the next step.
  let (cotangent, carried, carriedCells): ([Float], [Float], [Float])
  /// The second row's next step begins an episode.
  let starts: [UInt8] = [0, 1, 0]

  init(_ size: Int, gates: Int) {
    var random = TestRandom(UInt64(size))
    self.size = size
    func rowsOf(_ width: Int, _ scale: Float = 1) -> [Float] { random.floats(rows * width, scale) }
    sums = rowsOf(gates * size, 3)
    (hidden, previous, cells) = (rowsOf(size, 2), rowsOf(size), rowsOf(size, 2))
    sumTangents = rowsOf(gates * size)
    (hiddenTangents, previousTangents, cellTangents) = (rowsOf(size), rowsOf(size), rowsOf(size))
    (cotangent, carried, carriedCells) = (rowsOf(size), rowsOf(size), rowsOf(size))
  }

  /// The sum of what comes from above and what is carried, where it is carried.
  func total(_ above: [Float], _ carried: [Float]) -> [Double] {
    above.indices.map { Double(above[$0]) + (starts[$0 / size] == 0 ? Double(carried[$0]) : 0) }
  }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

private func inner(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }

private func slopes(_ function: (Double) -> [Double]) -> [Double] {
  zip(function(1e-6), function(-1e-6)).map { ($0 - $1) / 2e-6 }
}

private let sizes = [1, 5, 8, 16, 17, 64]

@Suite struct RecurrentTests {
  private func gru(_ step: Step, _ t: Double) -> [Double] {
    (0..<rows * step.size).map { at in
      let (row, j) = (at / step.size, at % step.size)
      func sum(_ gate: Int) -> Double {
        let place = (3 * row + gate) * step.size + j
        return Double(step.sums[place]) + t * Double(step.sumTangents[place])
      }
      let q = Double(step.hidden[at]) + t * Double(step.hiddenTangents[at])
      let h = Double(step.previous[at]) + t * Double(step.previousTangents[at])
      let (r, z) = (logistic(sum(0)), logistic(sum(1)))
      return (1 - z) * tanh(sum(2) + r * q) + z * h
    }
  }

  @Test(arguments: builds, sizes) func theGRUsPassesMatchDoublePrecision(_ build: KernelSet, _ size: Int) {
    let step = Step(size, gates: 3)
    let count = rows * size
    let (gates, outputs, hidden) = (Fenced(step.sums), Fenced(count), Fenced(step.hidden))
    let previous = Fenced(step.previous)
    build.gruForward(
      rows, size, gates.last(3 * count), hidden.last(count), previous.last(count), outputs.last(count))
    let expected = gru(step, 0)
    for at in 0..<count { #expect(isClose(outputs.last(count)[at], expected[at], 1e-6)) }

    let tangents = Fenced(count)
    build.gruTangent(
      rows, size, gates.last(3 * count), hidden.last(count), previous.last(count), step.sumTangents,
      step.hiddenTangents, step.previousTangents, tangents.last(count))
    let slopes = slopes { gru(step, $0) }
    for at in 0..<count { #expect(isClose(tangents.last(count)[at], slopes[at], 1e-5)) }

    // The backward pass is the transpose: ⟨cotangent, J direction⟩ = ⟨Jᵀ cotangent, direction⟩.
    let gradients = Fenced(step.cotangent)
    let carried = Fenced(step.carried)
    let (flags, starts) = Fenced.bytes(step.starts)
    withExtendedLifetime(flags) {
      build.gruBackward(
        rows, size, gates.last(3 * count), hidden.last(count), previous.last(count), carried.last(count), starts,
        gradients.last(count))
    }
    let forward = zip(step.total(step.cotangent, step.carried), slopes).reduce(0) { $0 + $1.0 * $1.1 }
    let backward =
      inner(gates.values(3 * count), step.sumTangents) + inner(hidden.values(count), step.hiddenTangents)
      + inner(gradients.values(count), step.previousTangents)
    #expect(abs(backward - forward) < 1e-5 * max(1, abs(forward)))
  }

  /// c', then h'.
  private func lstm(_ step: Step, _ t: Double) -> [Double] {
    var (cells, outputs): ([Double], [Double]) = ([], [])
    for at in 0..<rows * step.size {
      let (row, j) = (at / step.size, at % step.size)
      func sum(_ gate: Int) -> Double {
        let place = (4 * row + gate) * step.size + j
        return Double(step.sums[place]) + t * Double(step.sumTangents[place])
      }
      let c = Double(step.cells[at]) + t * Double(step.cellTangents[at])
      cells.append(logistic(sum(1)) * c + logistic(sum(0)) * tanh(sum(2)))
      outputs.append(logistic(sum(3)) * tanh(cells[at]))
    }
    return cells + outputs
  }

  @Test(arguments: builds, sizes) func theLSTMsPassesMatchDoublePrecision(_ build: KernelSet, _ size: Int) {
    let step = Step(size, gates: 4)
    let count = rows * size
    let (gates, outputs, tanhs) = (Fenced(step.sums), Fenced(count), Fenced(count))
    let (cells, next) = (Fenced(step.cells), Fenced(2 * count))
    build.lstmForward(
      rows, size, gates.last(4 * count), cells.last(count), MutableRows(base: next.last(2 * count), stride: 2 * size),
      tanhs.last(count), outputs.last(count))
    let expected = lstm(step, 0)
    for at in 0..<count {
      let (row, j) = (at / size, at % size)
      #expect(isClose(next.last(2 * count)[2 * row * size + j], expected[at], 1e-6))
      #expect(isClose(tanhs.last(count)[at], tanh(expected[at]), 1e-6))
      #expect(isClose(outputs.last(count)[at], expected[count + at], 1e-6))
    }

    let (tangents, cellTangents) = (Fenced(count), Fenced(step.cellTangents))
    build.lstmTangent(
      rows, size, gates.last(4 * count), cells.last(count), tanhs.last(count), step.sumTangents,
      cellTangents.last(count), tangents.last(count))
    let slopes = slopes { lstm(step, $0) }
    for at in 0..<count {
      #expect(isClose(cellTangents.last(count)[at], slopes[at], 1e-5))
      #expect(isClose(tangents.last(count)[at], slopes[count + at], 1e-5))
    }

    let (carried, carriedCells) = (Fenced(step.carried), Fenced(step.carriedCells))
    let (flags, starts) = Fenced.bytes(step.starts)
    withExtendedLifetime(flags) {
      build.lstmBackward(
        rows, size, gates.last(4 * count), cells.last(count), tanhs.last(count), carried.last(count),
        carriedCells.last(count), starts, step.cotangent)
    }
    let zeros = [Float](repeating: 0, count: count)
    let cotangents = step.total(zeros, step.carriedCells) + step.total(step.cotangent, step.carried)
    let forward = zip(cotangents, slopes).reduce(0) { $0 + $1.0 * $1.1 }
    let backward = inner(gates.values(4 * count), step.sumTangents) + inner(cells.values(count), step.cellTangents)
    #expect(abs(backward - forward) < 1e-5 * max(1, abs(forward)))
  }

  /// At ±30 and beyond, σ is 0 or 1 and tanh is ±1, also for infinite sums.
  @Test(arguments: builds) func saturatedGatesAreExact(_ build: KernelSet) {
    let gates = Fenced([Float(30), 200, .infinity].flatMap { [-$0, $0, $0] })
    let outputs = Fenced(3)
    build.gruForward(3, 1, gates.last(9), [5, 5, 5], [0.25, -0.5, 2], outputs.last(3))
    // r = 0, z = 1, n = 1 and h' = h.
    #expect(gates.values(9) == [0, 1, 1, 0, 1, 1, 0, 1, 1])
    #expect(outputs.values(3) == [0.25, -0.5, 2])
  }
}
