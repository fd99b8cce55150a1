import Foundation

@testable import PolicyGradient

enum RecurrentKind: String, CaseIterable, Codable {
  case gru, lstm

  var gates: Int { self == .gru ? 3 : 4 }

  func stateSize(_ size: Int) -> Int { self == .gru ? size : 2 * size }

  func layer(
    _ name: String = "memory", inputs: Int, size: Int, hasBias: Bool = true, stateOffset: Int = 0, index: Int = 0,
    at offset: Int = 0, _ kernels: KernelSet = .best
  ) -> any Layer {
    switch self {
    case .gru:
      GRU(
        name, inputs: inputs, outputs: size, hasBias: hasBias, stateOffset: stateOffset, index: index, at: offset,
        kernels)
    case .lstm:
      LSTM(
        name, inputs: inputs, outputs: size, hasBias: hasBias, stateOffset: stateOffset, index: index, at: offset,
        kernels)
    }
  }
}

/// The equations of a recurrent layer in double precision, row by row.
struct RecurrentReference {
  let kind: RecurrentKind
  let inputs: Int
  let size: Int
  let hasBias: Bool
  /// W_in, W_h, b_in, b_h.
  var parameters: [Double]

  static func count(_ kind: RecurrentKind, inputs: Int, size: Int, hasBias: Bool) -> Int {
    (inputs + size + (hasBias ? 2 : 0)) * kind.gates * size
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// The next state of one sequence; h comes first.
  private func step(_ x: ArraySlice<Double>, _ state: [Double]) -> [Double] {
    let columns = kind.gates * size
    let hidden = inputs * columns
    let bias = hidden + size * columns
    func fromInputs(_ column: Int) -> Double {
      (0..<inputs).reduce(hasBias ? parameters[bias + column] : 0) {
        $0 + x[x.startIndex + $1] * parameters[$1 * columns + column]
      }
    }
    func fromHidden(_ column: Int) -> Double {
      (0..<size).reduce(hasBias ? parameters[bias + columns + column] : 0) {
        $0 + state[$1] * parameters[hidden + $1 * columns + column]
      }
    }
    var next = state
    for j in 0..<size {
      func sum(_ gate: Int) -> Double { fromInputs(gate * size + j) + fromHidden(gate * size + j) }
      switch kind {
      case .gru:
        let (r, z) = (logistic(sum(0)), logistic(sum(1)))
        let n = tanh(fromInputs(2 * size + j) + r * fromHidden(2 * size + j))
        next[j] = (1 - z) * n + z * state[j]
      case .lstm:
        next[size + j] = logistic(sum(1)) * state[size + j] + logistic(sum(0)) * tanh(sum(2))
        next[j] = logistic(sum(3)) * tanh(next[size + j])
      }
    }
    return next
  }

  /// The outputs of all rows, and the states after the last step.
  func run(_ x: [Double], lanes: Int, starts: [UInt8]?, states: [Double]?) -> (outputs: [Double], states: [Double]) {
    let width = kind.stateSize(size)
    var current = (0..<lanes).map { lane in
      states.map { Array($0[lane * width..<(lane + 1) * width]) } ?? [Double](repeating: 0, count: width)
    }
    var outputs: [Double] = []
    for row in 0..<x.count / inputs {
      let lane = row % lanes
      if starts?[row] == 1 { current[lane] = [Double](repeating: 0, count: width) }
      current[lane] = step(x[row * inputs..<(row + 1) * inputs], current[lane])
      outputs += current[lane][..<size]
    }
    return (outputs, current.flatMap { $0 })
  }
}
