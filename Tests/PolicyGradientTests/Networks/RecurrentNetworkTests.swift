import Foundation
import Testing

@testable import PolicyGradient

/// Recurrent layers among others: one on the observation, one on a dense layer whose slope it applies, and a value that
/// reads the same dense layer.
///
///     observation 3 → first memory 5 → tanh 4 ─→ second memory 6 → policy 2
///                                            └→ value 1
///
/// If the value is detached, no gradient flows from it to the dense layer.
@Suite struct RecurrentNetworkTests {
  private static let (lanes, steps) = (3, 6)
  private static var rows: Int { lanes * steps }

  private struct Model {
    let network: Network
    let parameters: [Float]
    let observations: [Float]
    let starts: [UInt8]
    let (first, second): (RecurrentKind, RecurrentKind)
    /// Where the parameters that the value changes begin.
    let learnedByValue: Int

    init(_ first: RecurrentKind, _ second: RecurrentKind, isDetached: Bool = false) {
      (self.first, self.second) = (first, second)
      func dense(_ inputs: Int, _ outputs: Int, _ activation: Activation?, at offset: Int) -> Dense {
        Dense(
          "dense", inputs: inputs, outputs: outputs, activation: activation, hasBias: true, hasNorm: false, gain: nil,
          index: 0, at: offset, .best)
      }
      func end(_ layer: any Layer) -> Int { layer.tensors.map { $0.offset + $0.count }.max() ?? 0 }
      let lower = first.layer(inputs: 3, size: 5)
      let middle = dense(5, 4, .tanh, at: end(lower))
      let upper = second.layer(inputs: 4, size: 6, stateOffset: lower.stateSize, at: end(middle))
      let head = PolicyHead(dense(6, 2, nil, at: end(upper)), scaling: nil, exploration: nil)
      let value = dense(4, 1, nil, at: end(head))
      network = Network(
        [
          Network.Node(layer: lower, source: nil), Network.Node(layer: middle, source: 0),
          Network.Node(layer: upper, source: 1), Network.Node(layer: head, source: 2),
          Network.Node(layer: value, source: 1, isDetached: isDetached),
        ], inputs: 3, policyLeaf: 3, head: head, valueLeaf: 4)
      learnedByValue = isDetached ? end(head) : 0
      var random = TestRandom(1)
      parameters = random.normals(end(value), scale: 0.5)
      observations = random.normals(rows * 3)
      starts = (0..<rows).map { _ in random.below(4) == 0 ? 1 : 0 }
    }

    /// The policy's outputs and the values in double precision.
    func outputs(_ parameters: [Double]) -> (policy: [Double], values: [Double]) {
      var end = 0
      func next(_ count: Int) -> [Double] {
        defer { end += count }
        return Array(parameters[end..<end + count])
      }
      func recurrent(_ kind: RecurrentKind, _ x: [Double], _ inputs: Int, _ size: Int) -> [Double] {
        let count = RecurrentReference.count(kind, inputs: inputs, size: size, hasBias: true)
        let layer = RecurrentReference(
          kind: kind, inputs: inputs, size: size, hasBias: true, parameters: next(count))
        return layer.run(x, lanes: lanes, starts: starts, states: nil).outputs
      }
      func dense(_ x: [Double], _ inputs: Int, _ outputs: Int) -> [Double] {
        let (weight, bias) = (next(inputs * outputs), next(outputs))
        return (0..<rows * outputs).map { place in
          let (row, j) = (place / outputs, place % outputs)
          return (0..<inputs).reduce(bias[j]) { $0 + x[row * inputs + $1] * weight[$1 * outputs + j] }
        }
      }
      let lower = recurrent(first, doubles(observations), 3, 5)
      let middle = dense(lower, 5, 4).map { tanh($0) }
      let upper = recurrent(second, middle, 4, 6)
      let policy = dense(upper, 6, 2)
      return (policy, dense(middle, 4, 1))
    }
  }

  /// Runs `body` on a block without states before its first step.
  private func run(
    _ model: Model, _ body: (Activations, Block, UnsafePointer<Float>) throws -> Void
  ) throws {
    let activations = try Activations(model.network, capacity: Self.rows)
    let (observations, starts) = (try Buffer(model.observations), try Buffer(model.starts))
    let parameters = try Buffer(model.parameters)
    let lanes = LaneStates(count: Self.lanes, stride: model.network.stateSize, starts: UnsafePointer(starts.pointer))
    activations.lanes.pointee = lanes
    try body(
      activations, Block(rows: Self.rows, observations: observations.pointer), parameters.pointer)
    withExtendedLifetime((observations, starts, parameters)) {}
  }

  @Test(arguments: RecurrentKind.allCases, RecurrentKind.allCases)
  func gradientsOfBothLeavesMatchDifferences(_ first: RecurrentKind, _ second: RecurrentKind) throws {
    for isDetached in [false, true] { try checkGradients(of: Model(first, second, isDetached: isDetached)) }
  }

  private func checkGradients(of model: Model) throws {
    var random = TestRandom(2)
    let (byPolicy, byValue) = (random.normals(Self.rows * 2), random.normals(Self.rows))
    let gradient = try Buffer<Float>(count: model.parameters.count)
    try run(model) { activations, block, parameters in
      let prepared = try PreparedWeights(model.network)
      prepared.refresh(parameters)
      activations.forwardPolicy(block, parameters)
      activations.forwardValue(block, parameters, afterPolicy: true)
      activations.policyGradients.update(from: byPolicy, count: byPolicy.count)
      activations.valueGradients?.update(from: byValue, count: byValue.count)
      activations.backward(
        model.network.jointRoute, block, parameters, prepared: prepared, gradient: gradient.pointer)
    }
    func objective(_ parameters: [Double]) -> Double {
      let policy = model.outputs(parameters).policy
      let constants = Array(doubles(model.parameters)[..<model.learnedByValue])
      let values = model.outputs(constants + parameters[model.learnedByValue...]).values
      var sum = 0.0
      for place in policy.indices { sum += Double(byPolicy[place]) * policy[place] }
      for place in values.indices { sum += Double(byValue[place]) * values[place] }
      return sum
    }
    var expected: [Double] = []
    for place in 0..<model.parameters.count {
      var (above, below) = (doubles(model.parameters), doubles(model.parameters))
      above[place] += 1e-5
      below[place] -= 1e-5
      expected.append((objective(above) - objective(below)) / 2e-5)
    }
    for tensor in model.network.tensors {
      let places = tensor.offset..<tensor.offset + tensor.count
      #expect(relativeError(doubles(Array(gradient.array[places])), Array(expected[places])) < 1e-4, "\(tensor.name)")
    }
  }

  @Test(arguments: RecurrentKind.allCases, RecurrentKind.allCases)
  func tangentsMatchDifferences(_ first: RecurrentKind, _ second: RecurrentKind) throws {
    let model = Model(first, second)
    var random = TestRandom(3)
    let direction = random.normals(model.parameters.count)
    var found: [Float] = []
    try run(model) { activations, block, parameters in
      activations.forwardPolicy(block, parameters)
      activations.tangentPolicy(block, parameters, along: direction)
      found = Array(UnsafeBufferPointer(start: activations.policyGradients, count: Self.rows * 2))
    }
    let moved = [1e-5, -1e-5].map { step in
      model.outputs(zip(model.parameters, direction).map { Double($0) + step * Double($1) }).policy
    }
    #expect(relativeError(doubles(found), zip(moved[0], moved[1]).map { ($0 - $1) / 2e-5 }) < 1e-4)
  }
}
