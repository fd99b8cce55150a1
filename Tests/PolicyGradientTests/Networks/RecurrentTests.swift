import Testing

@testable import PolicyGradient

/// GRU and LSTM layers against their equations in double precision.
@Suite struct RecurrentTests {
  @Test(arguments: RecurrentCase.all)
  func outputsAndFinalStatesMatchTheEquations(_ testCase: RecurrentCase) throws {
    let run = RecurrentRun(testCase)
    let found = try run.run()
    let expected = run.reference.run(
      doubles(run.x), lanes: testCase.lanes, starts: run.starts, states: run.states.map(doubles))
    #expect(greatestError(found.outputs, expected.outputs) < 1e-5)
    #expect(greatestError(found.states, expected.states) < 1e-5)
  }

  /// The objective Σ w · output of the reference, where parameters and inputs move.
  private func objective(
    _ run: RecurrentRun, _ weights: [Float], parameters: [Double], x: [Double]
  ) -> Double {
    var reference = run.reference
    reference.parameters = parameters
    let outputs = reference.run(
      x, lanes: run.testCase.lanes, starts: run.starts, states: run.states.map(doubles)
    ).outputs
    return zip(weights, outputs).reduce(0) { $0 + Double($1.0) * $1.1 }
  }

  @Test(arguments: RecurrentCase.all)
  func gradientsMatchDifferencesOfTheEquations(_ testCase: RecurrentCase) throws {
    let run = RecurrentRun(testCase, seed: 2)
    var random = TestRandom(3)
    let weights = random.normals(testCase.rows * testCase.size)
    let found = try run.run(RecurrentRun.Passes(outputGradient: weights))
    let (parameters, x) = (doubles(run.parameters), doubles(run.x))
    let step = 1e-5
    var (error, length) = (0.0, 0.0)
    for _ in 0..<16 {
      let place = random.below(parameters.count)
      let moved = [step, -step].map { change in
        var other = parameters
        other[place] += change
        return objective(run, weights, parameters: other, x: x)
      }
      let slope = (moved[0] - moved[1]) / (2 * step)
      error += (Double(found.gradient[place]) - slope) * (Double(found.gradient[place]) - slope)
      length += slope * slope
    }
    #expect((error / length).squareRoot() < 1e-4)
    (error, length) = (0, 0)
    for _ in 0..<8 {
      let place = random.below(x.count)
      let moved = [step, -step].map { change in
        var other = x
        other[place] += change
        return objective(run, weights, parameters: parameters, x: other)
      }
      let slope = (moved[0] - moved[1]) / (2 * step)
      error += (Double(found.inputGradient[place]) - slope) * (Double(found.inputGradient[place]) - slope)
      length += slope * slope
    }
    #expect((error / length).squareRoot() < 1e-4)
  }

  @Test(arguments: RecurrentCase.all, [false, true])
  func tangentsMatchDifferencesOfTheEquations(_ testCase: RecurrentCase, inputsMove: Bool) throws {
    let run = RecurrentRun(testCase, seed: 4)
    var random = TestRandom(5)
    let direction = random.normals(run.parameters.count)
    let inputTangents = inputsMove ? random.normals(run.x.count) : nil
    let found = try run.run(RecurrentRun.Passes(direction: direction, inputTangents: inputTangents)).tangents
    let step = 1e-5
    let moved = [step, -step].map { change in
      var reference = run.reference
      reference.parameters = zip(run.parameters, direction).map { Double($0) + change * Double($1) }
      let x = run.x.indices.map { Double(run.x[$0]) + change * Double(inputTangents?[$0] ?? 0) }
      return reference.run(x, lanes: testCase.lanes, starts: run.starts, states: run.states.map(doubles)).outputs
    }
    let expected = zip(moved[0], moved[1]).map { ($0 - $1) / (2 * step) }
    #expect(relativeError(doubles(found), expected) < 1e-4)
  }

  @Test(arguments: RecurrentCase.all)
  func aTangentPassLeavesTheBackwardPassAsItWas(_ testCase: RecurrentCase) throws {
    let run = RecurrentRun(testCase, seed: 6)
    var random = TestRandom(7)
    let weights = random.normals(testCase.rows * testCase.size)
    let direction = random.normals(run.parameters.count)
    let alone = try run.run(RecurrentRun.Passes(outputGradient: weights))
    let after = try run.run(RecurrentRun.Passes(outputGradient: weights, direction: direction))
    #expect(alone.gradient == after.gradient)
    #expect(alone.inputGradient == after.inputGradient)
  }

  // MARK: Bits

  @Test(arguments: RecurrentCase.all, KernelSet.available.map(\.name))
  func onePassAndSingleStepsHaveTheSameBits(_ testCase: RecurrentCase, build: String) throws {
    let run = RecurrentRun(testCase, seed: 8, try #require(KernelSet.available.first { $0.name == build }))
    let whole = try run.run()
    var (outputs, states): ([Float], [Float]?) = ([], run.states)
    for step in 0..<testCase.steps {
      let rows = step * testCase.lanes..<(step + 1) * testCase.lanes
      let x = Array(run.x[rows.lowerBound * testCase.inputs..<rows.upperBound * testCase.inputs])
      let one = try run.run(x: x, states: states, starts: run.starts.map { Array($0[rows]) })
      outputs += one.outputs
      states = one.states
    }
    #expect(whole.outputs.map(\.bitPattern) == outputs.map(\.bitPattern))
    #expect(whole.states.map(\.bitPattern) == states?.map(\.bitPattern))
  }

  @Test(arguments: RecurrentCase.all, KernelSet.available.map(\.name))
  func aLaneHasTheSameBitsAloneAndAmongOthers(_ testCase: RecurrentCase, build: String) throws {
    let run = RecurrentRun(testCase, seed: 9, try #require(KernelSet.available.first { $0.name == build }))
    let whole = try run.run()
    let lane = testCase.lanes - 1
    let rows = (0..<testCase.steps).map { $0 * testCase.lanes + lane }
    let alone = try run.run(
      x: rows.flatMap { row(run.x, $0, testCase.inputs) }, lanes: 1,
      states: run.states.map { row($0, lane, testCase.stateSize) },
      starts: run.starts.map { starts in rows.map { starts[$0] } })
    #expect(alone.outputs.map(\.bitPattern) == rows.flatMap { row(whole.outputs, $0, testCase.size) }.map(\.bitPattern))
    #expect(alone.states.map(\.bitPattern) == row(whole.states, lane, testCase.stateSize).map(\.bitPattern))
  }

  // MARK: Initial values

  @Test(arguments: RecurrentKind.allCases, Initialization.allCases)
  func everyGateHasAnOrthogonalBlockAndOnlyTheForgetBiasIsOne(
    kind: RecurrentKind, _ initialization: Initialization
  ) throws {
    let (inputs, size, gates) = (6, 4, kind.gates)
    let layer = kind.layer(inputs: inputs, size: size, index: 3)
    let parameters = try Buffer<Float>(count: layer.tensors.reduce(0) { $0 + $1.count })
    for tensor in layer.tensors {
      try tensor.initialize(parameters.pointer, initialization, seed: 1, .best)
    }
    let columns = gates * size
    let names = ["memory.input.weight", "memory.hidden.weight", "memory.input.bias", "memory.hidden.bias"]
    #expect(layer.tensors.map(\.name) == names)
    #expect(layer.tensors.map(\.shape) == [[inputs, columns], [size, columns], [columns], [columns]])

    func values(_ tensor: Int) -> [Float] {
      let tensor = layer.tensors[tensor]
      return Array(parameters.array[tensor.offset..<tensor.offset + tensor.count])
    }
    let hidden = values(1)
    var blocks: [[Float]] = []
    for gate in 0..<gates {
      let block = (0..<size).flatMap { row(hidden, $0 * gates + gate, size) }
      for a in 0..<size {
        for b in 0..<size {
          var product: Float = 0
          for k in 0..<size { product += block[k * size + a] * block[k * size + b] }
          #expect(abs(product - (a == b ? 1 : 0)) < 1e-5)
        }
      }
      blocks.append(block)
    }
    #expect(Set(blocks).count == gates)
    // A block of W_in is an orthogonal matrix with `size` columns of norm 1.
    if initialization == .orthogonal {
      let squares = values(0).reduce(0) { $0 + $1 * $1 }
      #expect(abs(squares - Float(gates * size)) < 1e-4)
    }
    let forget: [Float] = kind == .gru ? [0, 0, 0] : [0, 1, 0, 0]
    #expect(values(2) == forget.flatMap { [Float](repeating: $0, count: size) })
    #expect(values(3).allSatisfy { $0 == 0 })
  }
}
