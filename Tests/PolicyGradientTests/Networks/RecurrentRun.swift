import Testing

@testable import PolicyGradient

/// A recurrent layer and random data for one block.
struct RecurrentCase: CustomTestStringConvertible {
  var kind = RecurrentKind.gru
  var inputs = 3
  var size = 5
  var lanes = 3
  var steps = 7
  var hasBias = true
  var hasStates = true
  var hasStarts = true

  var rows: Int { lanes * steps }
  var stateSize: Int { kind.stateSize(size) }
  var testDescription: String {
    "\(kind) \(inputs)→\(size), \(lanes) × \(steps)" + (hasBias ? "" : ", no bias") + (hasStates ? "" : ", no states")
      + (hasStarts ? "" : ", no starts")
  }

  /// Every lane count × steps × size in some case, not every combination.
  static let all: [RecurrentCase] = RecurrentKind.allCases.flatMap { kind in
    [
      RecurrentCase(kind: kind), RecurrentCase(kind: kind, size: 1, lanes: 1, steps: 1),
      RecurrentCase(kind: kind, inputs: 1, size: 8, lanes: 1, steps: 7),
      RecurrentCase(kind: kind, inputs: 9, size: 64, lanes: 3, steps: 2),
      RecurrentCase(kind: kind, lanes: 24, steps: 2, hasStarts: false),
      RecurrentCase(kind: kind, inputs: 8, size: 8, lanes: 25, steps: 7),
      RecurrentCase(kind: kind, size: 17, lanes: 25, steps: 1, hasStates: false),
      RecurrentCase(kind: kind, hasBias: false), RecurrentCase(kind: kind, lanes: 50, steps: 3, hasBias: false),
      RecurrentCase(kind: kind, size: 8, lanes: 1, steps: 60, hasStates: false, hasStarts: false),
    ]
  }
}

/// A layer with its memory, run on the case's data.
final class RecurrentRun {
  let testCase: RecurrentCase
  let layer: any Layer
  let parameters: [Float]
  let x: [Float]
  let states: [Float]?
  let starts: [UInt8]?

  init(_ testCase: RecurrentCase, seed: UInt64 = 1, _ kernels: KernelSet = .best) {
    self.testCase = testCase
    layer = testCase.kind.layer(inputs: testCase.inputs, size: testCase.size, hasBias: testCase.hasBias, kernels)
    var random = TestRandom(seed)
    let scale = 1 / Double(testCase.size).squareRoot()
    parameters = random.normals(layer.tensors.reduce(0) { $0 + $1.count }, scale: scale)
    x = random.normals(testCase.rows * testCase.inputs)
    states = testCase.hasStates ? random.normals(testCase.lanes * testCase.stateSize, scale: 0.5) : nil
    starts = testCase.hasStarts ? (0..<testCase.rows).map { _ in UInt8(random.below(4) == 0 ? 1 : 0) } : nil
  }

  var reference: RecurrentReference {
    RecurrentReference(
      kind: testCase.kind, inputs: testCase.inputs, size: testCase.size, hasBias: testCase.hasBias,
      parameters: doubles(parameters))
  }

  /// Given parameters and inputs; states and starts are passed to ``run(_:x:lanes:states:starts:)``.
  init(_ testCase: RecurrentCase, parameters: [Float], x: [Float]) {
    self.testCase = testCase
    layer = testCase.kind.layer(inputs: testCase.inputs, size: testCase.size, hasBias: testCase.hasBias)
    (self.parameters, self.x, states, starts) = (parameters, x, nil, nil)
  }

  struct Results {
    var outputs: [Float] = []
    var states: [Float] = []
    var gradient: [Float] = []
    var inputGradient: [Float] = []
    var tangents: [Float] = []
  }

  /// What is done after the forward pass.
  struct Passes {
    /// The gradient by the outputs.
    var outputGradient: [Float]?
    var direction: [Float]?
    /// The tangents of the inputs.
    var inputTangents: [Float]?
  }

  /// Runs the passes over the rows of some steps and lanes.
  func run(
    _ passes: Passes = Passes(), x: [Float]? = nil, lanes: Int? = nil, states: [Float]?, starts: [UInt8]?
  ) throws -> Results {
    let inputs = try Buffer(x ?? self.x)
    let rows = inputs.count / testCase.inputs
    let lanes = lanes ?? testCase.lanes
    let weights = try Buffer(parameters)
    let outputs = try Buffer<Float>(count: rows * layer.outputs)
    let memory = try Buffer<Float>(count: rows * layer.memory.perRow + layer.memory.perPass)
    // States before and after in the same memory.
    let carried = try Buffer(states ?? [Float](repeating: 0, count: lanes * testCase.stateSize))
    let flags = try starts.map { try Buffer($0) }
    var sequences = LaneStates(
      count: lanes, states: states == nil ? nil : UnsafePointer(carried.pointer), finalStates: carried.pointer,
      stride: testCase.stateSize, starts: flags.map { UnsafePointer($0.pointer) })
    return try withUnsafePointer(to: &sequences) { sequences in
      let pass = LayerPass(
        rows: rows, inputs: inputs.pointer, outputs: outputs.pointer, memory: memory.pointer,
        parameters: weights.pointer, lanes: sequences)
      layer.forward(pass)
      var results = Results(outputs: outputs.array, states: carried.array)
      if let direction = passes.direction {
        let (along, below) = (try Buffer(direction), try passes.inputTangents.map { try Buffer($0) })
        let tangents = try Buffer<Float>(count: outputs.count)
        layer.tangent(
          pass, along: along.pointer, inputs: below.map { UnsafePointer($0.pointer) }, into: tangents.pointer)
        results.tangents = withExtendedLifetime(below) { tangents.array }
      }
      if let outputGradient = passes.outputGradient {
        let prepared = try Buffer<Float>(count: layer.preparedCount)
        layer.prepare(weights.pointer, into: prepared.pointer)
        let (above, gradient) = (try Buffer(outputGradient), try Buffer<Float>(count: parameters.count))
        let target = try Buffer<Float>(count: inputs.count)
        layer.backward(
          pass,
          LayerGradients(
            outputs: above.pointer, isThroughSlope: false, prepared: prepared.pointer, parameters: gradient.pointer,
            inputs: LayerGradients.Inputs(target: target.pointer, accumulates: false, slope: nil)))
        (results.gradient, results.inputGradient) = (gradient.array, target.array)
      }
      return withExtendedLifetime((flags, memory, weights)) { results }
    }
  }

  func run(_ passes: Passes = Passes()) throws -> Results { try run(passes, states: states, starts: starts) }
}
