import KernelShims

/// A layer of gated recurrent units, with PyTorch's equations and order of gates:
///
///     r = σ(W_ir x + b_ir + W_hr h + b_hr),   z = σ(W_iz x + b_iz + W_hz h + b_hz)
///     n = tanh(W_in x + b_in + r (W_hn h + b_hn)),   h' = (1 - z) n + z h
///
/// Its outputs are h'. Both biases are initially 0; ``RecurrentWeights`` describes the weights.
/// - Source: Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
///   translation" (2014).
final class GRU: RecurrentLayer {
  private let weights: RecurrentWeights
  /// Where h begins in a lane's state.
  private let stateOffset: Int
  private let size: Int
  private let kernels: KernelSet

  init(
    _ name: String, inputs: Int, outputs: Int, hasBias: Bool, stateOffset: Int, index: Int, at offset: Int,
    _ kernels: KernelSet
  ) {
    weights = RecurrentWeights(
      name, inputs: inputs, size: outputs, inputBiases: [0, 0, 0], hasBias: hasBias, index: index, at: offset, kernels)
    self.stateOffset = stateOffset
    size = outputs
    self.kernels = kernels
  }

  var inputs: Int { weights.inputs }
  var outputs: Int { size }
  var tensors: [Tensor] { weights.tensors }
  var stateSize: Int { size }
  var end: Int { weights.end }

  // MARK: What a pass keeps

  var memory: LayerMemory { LayerMemory(perRow: 5 * size, perPass: 3 * size + Self.pieceRows * 5 * size) }

  /// The most rows that a tangent pass takes at once.
  private static let pieceRows = 24

  private struct Memory {
    /// r, z, n; after a backward pass the gradients by what is inside σ and tanh. rows × 3 size
    let gates: UnsafeMutablePointer<Float>
    /// q = W_hn h + b_hn; after a backward pass its gradient. rows × size
    let hidden: UnsafeMutablePointer<Float>
    /// h. rows × size
    let previous: UnsafeMutablePointer<Float>
    /// 3 size
    let biases: UnsafeMutablePointer<Float>
    /// Scratch of tangent passes.
    let scratch: UnsafeMutablePointer<Float>

    init(_ pass: LayerPass, _ size: Int) {
      gates = pass.memory
      hidden = gates + pass.rows * 3 * size
      previous = hidden + pass.rows * size
      biases = previous + pass.rows * size
      scratch = biases + 3 * size
    }
  }

  // Columns of W_h: first r and z, which are added to the input's product; then q.
  private var gateColumns: Range<Int> { 0..<2 * size }
  private var hiddenColumns: Range<Int> { 2 * size..<3 * size }

  private func hiddenBias(_ parameters: UnsafePointer<Float>) -> InitialRows {
    InitialRows(repeating: weights.hiddenBias.map { parameters + $0 + 2 * size })
  }

  // MARK: Passes

  func forward(_ pass: LayerPass) {
    let lanes = pass.lanes.pointee
    let memory = Memory(pass, size)
    let biases = weights.sumBiases(pass.parameters, hidden: 2 * size, into: memory.biases)
    weights.multiplyInputs(
      pass.inputs, rows: pass.rows, pass.parameters, initial: InitialRows(repeating: biases), into: memory.gates)
    for first in stride(from: 0, to: pass.rows, by: lanes.count) {
      let previous = memory.previous + first * size
      if first == 0 {
        lanes.readStates(stateOffset, size: size, into: previous)
      } else {
        previous.update(from: pass.outputs + (first - lanes.count) * size, count: lanes.count * size)
      }
      lanes.clearStarts(previous, first: first, rows: lanes.count, size: size)
      let (gates, hidden) = (memory.gates + first * 3 * size, memory.hidden + first * size)
      let gateRows = MutableRows(base: gates, stride: 3 * size)
      weights.multiplyHidden(
        previous, rows: lanes.count, gateColumns, pass.parameters, initial: InitialRows(gateRows), into: gateRows)
      weights.multiplyHidden(
        previous, rows: lanes.count, hiddenColumns, pass.parameters, initial: hiddenBias(pass.parameters),
        into: MutableRows(base: hidden, stride: size))
      kernels.gruForward(lanes.count, size, gates, hidden, previous, pass.outputs + first * size)
    }
    lanes.writeFinalStates(pass.outputs + (pass.rows - lanes.count) * size, stateOffset, size: size)
  }

  var preparedCount: Int { weights.preparedCount }
  var isAlwaysPrepared: Bool { true }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    weights.prepare(parameters, into: prepared)
  }

  var slope: KernelSet.MultiplyThroughSlope? { nil }

  /// Truncated at the first step: the states before it count as constants.
  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    let lanes = pass.lanes.pointee
    let memory = Memory(pass, size)
    let lastStep = pass.rows - lanes.count
    for first in stride(from: lastStep, through: 0, by: -lanes.count) {
      let (gates, hidden) = (memory.gates + first * 3 * size, memory.hidden + first * size)
      let delta = gradients.outputs + first * size
      let next = first + lanes.count
      kernels.gruBackward(
        lanes.count, size, gates, hidden, memory.previous + first * size,
        first == lastStep ? nil : gradients.outputs + next * size,
        first == lastStep ? nil : lanes.starts(from: next), delta)
      // The gradient by h replaces the gradient by h', for the step before.
      if first == 0 { break }
      weights.multiplyHiddenTransposed(
        Rows(base: gates, stride: 3 * size), rows: lanes.count, gateColumns, prepared: gradients.prepared, adds: true,
        into: delta)
      weights.multiplyHiddenTransposed(
        Rows(base: hidden, stride: size), rows: lanes.count, hiddenColumns, prepared: gradients.prepared, adds: true,
        into: delta)
    }
    weights.addHiddenGradient(
      memory.previous, Rows(base: memory.gates, stride: 3 * size), rows: pass.rows, gateColumns,
      to: gradients.parameters)
    weights.addHiddenGradient(
      memory.previous, Rows(base: memory.hidden, stride: size), rows: pass.rows, hiddenColumns,
      to: gradients.parameters)
    weights.backwardInputs(pass, gradients, memory.gates)
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    let lanes = pass.lanes.pointee
    let memory = Memory(pass, size)
    // Of what is inside σ and tanh, of q, and of h.
    let gateTangents = memory.scratch
    let hiddenTangents = gateTangents + Self.pieceRows * 3 * size
    let previousTangents = hiddenTangents + Self.pieceRows * size
    let gateRows = MutableRows(base: gateTangents, stride: 3 * size)
    let hiddenRows = MutableRows(base: hiddenTangents, stride: size)
    let biases = weights.sumBiases(direction, hidden: 2 * size, into: memory.biases)
    lanes.forEachPiece(of: pass.rows, limit: Self.pieceRows) { start, count, steps in
      let rows = count * steps
      weights.multiplyInputs(
        pass.inputs + start * inputs, rows: rows, direction, initial: InitialRows(repeating: biases),
        into: gateTangents)
      if let tangentsBelow {
        weights.multiplyInputs(
          tangentsBelow + start * inputs, rows: rows, pass.parameters, initial: InitialRows(gateRows),
          into: gateTangents)
      }
      let previous = memory.previous + start * size
      weights.multiplyHidden(
        previous, rows: rows, gateColumns, direction, initial: InitialRows(gateRows), into: gateRows)
      weights.multiplyHidden(
        previous, rows: rows, hiddenColumns, direction, initial: hiddenBias(direction), into: hiddenRows)
      for step in 0..<steps {
        let first = start + step * count
        let (gates, hidden) = (gateTangents + step * count * 3 * size, hiddenTangents + step * count * size)
        if first < lanes.count {
          previousTangents.update(repeating: 0, count: count * size)
        } else {
          previousTangents.update(from: tangents + (first - lanes.count) * size, count: count * size)
          lanes.clearStarts(previousTangents, first: first, rows: count, size: size)
          let (gateRows, hiddenRows) = (
            MutableRows(base: gates, stride: 3 * size), MutableRows(base: hidden, stride: size)
          )
          weights.multiplyHidden(
            previousTangents, rows: count, gateColumns, pass.parameters, initial: InitialRows(gateRows),
            into: gateRows)
          weights.multiplyHidden(
            previousTangents, rows: count, hiddenColumns, pass.parameters, initial: InitialRows(hiddenRows),
            into: hiddenRows)
        }
        kernels.gruTangent(
          count, size, memory.gates + first * 3 * size, memory.hidden + first * size, memory.previous + first * size,
          gates, hidden, previousTangents, tangents + first * size)
      }
    }
  }
}
