@testable import PolicyGradient

/// A layer that runs by itself over a block of rows.
final class LayerRun {
  let layer: any Layer
  let rows: Int
  private let parameters: Buffer<Float>
  private let inputs: Buffer<Float>
  private let outputBuffer: Buffer<Float>
  private let memory: Buffer<Float>
  private let lanes = UnsafeMutablePointer<LaneStates>.allocate(capacity: 1)

  /// - Parameter parameters: The whole parameter vector, of which the layer has a part.
  init(_ layer: any Layer, parameters: [Float], inputs: [Float]) throws {
    self.layer = layer
    rows = inputs.count / layer.inputs
    self.parameters = try Buffer(parameters)
    self.inputs = try Buffer(inputs)
    outputBuffer = try Buffer(count: rows * layer.outputs)
    memory = try Buffer(count: rows * layer.memory.perRow + layer.memory.perPass)
    // What a layer does not write, it may not read.
    memory.elements.update(repeating: .nan)
    outputBuffer.elements.update(repeating: .nan)
    lanes.initialize(to: LaneStates())
  }

  deinit { lanes.deallocate() }

  private var pass: LayerPass {
    LayerPass(
      rows: rows, inputs: inputs.pointer, outputs: outputBuffer.pointer, memory: memory.pointer,
      parameters: parameters.pointer, lanes: lanes)
  }

  func outputs() -> [Float] {
    layer.forward(pass)
    return outputBuffer.array
  }

  /// The gradients of Σ outputs · `above`, after ``outputs()``.
  ///
  /// - Parameters:
  ///   - before: What the gradient by the inputs is added to; `nil` if it is written.
  ///   - slope: That of the layer below.
  func gradients(
    _ above: [Float], before: [Float]? = nil, slope: KernelSet.MultiplyThroughSlope? = nil
  ) throws -> (parameters: [Float], inputs: [Float]) {
    let gradient = try Buffer<Float>(count: parameters.count)
    let prepared = try Buffer<Float>(count: layer.preparedCount)
    layer.prepare(parameters.pointer, into: prepared.pointer)
    let delta = try Buffer(above)
    let below = try Buffer(before ?? [Float](repeating: .nan, count: inputs.count))
    layer.backward(
      pass,
      LayerGradients(
        outputs: delta.pointer, isThroughSlope: false, prepared: prepared.pointer, parameters: gradient.pointer,
        inputs: LayerGradients.Inputs(target: below.pointer, accumulates: before != nil, slope: slope)))
    return (gradient.array, below.array)
  }

  /// The gradient by the parameters alone, as for a layer that reads the observation.
  func parameterGradient(_ above: [Float]) throws -> [Float] {
    let gradient = try Buffer<Float>(count: parameters.count)
    let delta = try Buffer(above)
    layer.backward(
      pass,
      LayerGradients(
        outputs: delta.pointer, isThroughSlope: false, prepared: parameters.pointer, parameters: gradient.pointer,
        inputs: nil))
    return gradient.array
  }

  /// The tangents of the outputs, after ``outputs()``.
  func tangents(_ direction: [Float], inputs: [Float]?) throws -> [Float] {
    let result = try Buffer<Float>(count: rows * layer.outputs)
    let direction = try Buffer(direction)
    let moved = try inputs.map { try Buffer($0) }
    layer.tangent(
      pass, along: direction.pointer, inputs: moved.map { UnsafePointer($0.pointer) }, into: result.pointer)
    return withExtendedLifetime(moved) { result.array }
  }
}
