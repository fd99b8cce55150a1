import KernelShims

/// A layer of long short-term memory, with PyTorch's equations and order of gates:
///
///     i = σ(W_ii x + b_ii + W_hi h + b_hi),   f = σ(W_if x + b_if + W_hf h + b_hf)
///     g = tanh(W_ig x + b_ig + W_hg h + b_hg),   o = σ(W_io x + b_io + W_ho h + b_ho)
///     c' = f c + i g,   h' = o tanh c'
///
/// Its outputs are h'; its state is h, then c. Biases are initially 0, except that the input bias of f is 1, so that
/// cells remember from the start. ``RecurrentWeights`` describes the weights.
/// - Source: Hochreiter & Schmidhuber, "Long short-term memory" (1997); f is from Gers, Schmidhuber & Cummins,
///   "Learning to forget" (2000), its bias from Jozefowicz, Zaremba & Sutskever, "An empirical exploration of recurrent
///   network architectures" (2015).
final class LSTM: RecurrentLayer {
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
      name, inputs: inputs, size: outputs, inputBiases: [0, 1, 0, 0], hasBias: hasBias, index: index, at: offset,
      kernels)
    self.stateOffset = stateOffset
    size = outputs
    self.kernels = kernels
  }

  var inputs: Int { weights.inputs }
  var outputs: Int { size }
  var tensors: [Tensor] { weights.tensors }
  var stateSize: Int { 2 * size }
  var end: Int { weights.end }

  // MARK: What a pass keeps

  var memory: LayerMemory { LayerMemory(perRow: 7 * size, perPass: 5 * size + Self.pieceRows * 6 * size) }

  /// The most rows that a tangent pass takes at once.
  private static let pieceRows = 24

  private struct Memory {
    /// i, f, g, o; after a backward pass the gradients by what is inside σ and tanh. rows × 4 size
    let gates: UnsafeMutablePointer<Float>
    /// h. rows × size
    let previous: UnsafeMutablePointer<Float>
    /// c; after a backward pass its gradient. rows × size
    let cells: UnsafeMutablePointer<Float>
    /// tanh c'. rows × size
    let tanhs: UnsafeMutablePointer<Float>
    /// 4 size
    let biases: UnsafeMutablePointer<Float>
    /// Takes c' where it is not needed. size
    let unused: UnsafeMutablePointer<Float>
    /// Scratch of tangent passes.
    let scratch: UnsafeMutablePointer<Float>

    init(_ pass: LayerPass, _ size: Int) {
      gates = pass.memory
      previous = gates + pass.rows * 4 * size
      cells = previous + pass.rows * size
      tanhs = cells + pass.rows * size
      biases = tanhs + pass.rows * size
      unused = biases + 4 * size
      scratch = unused + size
    }
  }

  private var columns: Range<Int> { 0..<4 * size }

  // MARK: Passes

  func forward(_ pass: LayerPass) {
    let lanes = pass.lanes.pointee
    let memory = Memory(pass, size)
    let biases = weights.sumBiases(pass.parameters, hidden: 4 * size, into: memory.biases)
    weights.multiplyInputs(
      pass.inputs, rows: pass.rows, pass.parameters, initial: InitialRows(repeating: biases), into: memory.gates)
    lanes.readStates(stateOffset + size, size: size, into: memory.cells)
    for first in stride(from: 0, to: pass.rows, by: lanes.count) {
      let next = first + lanes.count
      let (previous, cells) = (memory.previous + first * size, memory.cells + first * size)
      if first == 0 {
        lanes.readStates(stateOffset, size: size, into: previous)
      } else {
        previous.update(from: pass.outputs + (first - lanes.count) * size, count: lanes.count * size)
      }
      lanes.clearStarts(previous, first: first, rows: lanes.count, size: size)
      lanes.clearStarts(cells, first: first, rows: lanes.count, size: size)
      let gates = MutableRows(base: memory.gates + first * 4 * size, stride: 4 * size)
      weights.multiplyHidden(
        previous, rows: lanes.count, columns, pass.parameters, initial: InitialRows(gates), into: gates)
      kernels.lstmForward(
        lanes.count, size, gates.base, cells,
        next < pass.rows ? MutableRows(base: memory.cells + next * size, stride: size) : finalCells(lanes, memory),
        memory.tanhs + first * size, pass.outputs + first * size)
    }
    lanes.writeFinalStates(pass.outputs + (pass.rows - lanes.count) * size, stateOffset, size: size)
  }

  /// Where the last step writes c'.
  private func finalCells(_ lanes: LaneStates, _ memory: Memory) -> MutableRows {
    lanes.finalStates.map { MutableRows(base: $0 + stateOffset + size, stride: lanes.stride) }
      ?? MutableRows(base: memory.unused, stride: 0)
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
      let gates = memory.gates + first * 4 * size
      let delta = gradients.outputs + first * size
      let next = first + lanes.count
      kernels.lstmBackward(
        lanes.count, size, gates, memory.cells + first * size, memory.tanhs + first * size,
        first == lastStep ? nil : gradients.outputs + next * size,
        first == lastStep ? nil : memory.cells + next * size,
        first == lastStep ? nil : lanes.starts(from: next), delta)
      // The gradient by h replaces the gradient by h', for the step before.
      if first == 0 { break }
      weights.multiplyHiddenTransposed(
        Rows(base: gates, stride: 4 * size), rows: lanes.count, columns, prepared: gradients.prepared, adds: false,
        into: delta)
    }
    weights.addHiddenGradient(
      memory.previous, Rows(base: memory.gates, stride: 4 * size), rows: pass.rows, columns, to: gradients.parameters)
    weights.backwardInputs(pass, gradients, memory.gates)
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    let lanes = pass.lanes.pointee
    let memory = Memory(pass, size)
    // Of what is inside σ and tanh, of h, and of c.
    let gateTangents = memory.scratch
    let previousTangents = gateTangents + Self.pieceRows * 4 * size
    let cellTangents = previousTangents + Self.pieceRows * size
    let gateRows = MutableRows(base: gateTangents, stride: 4 * size)
    let biases = weights.sumBiases(direction, hidden: 4 * size, into: memory.biases)
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
      weights.multiplyHidden(
        memory.previous + start * size, rows: rows, columns, direction, initial: InitialRows(gateRows), into: gateRows)
      for step in 0..<steps {
        let first = start + step * count
        let gates = MutableRows(base: gateTangents + step * count * 4 * size, stride: 4 * size)
        if first < lanes.count {
          cellTangents.update(repeating: 0, count: count * size)
        } else {
          previousTangents.update(from: tangents + (first - lanes.count) * size, count: count * size)
          lanes.clearStarts(previousTangents, first: first, rows: count, size: size)
          lanes.clearStarts(cellTangents, first: first, rows: count, size: size)
          weights.multiplyHidden(
            previousTangents, rows: count, columns, pass.parameters, initial: InitialRows(gates), into: gates)
        }
        kernels.lstmTangent(
          count, size, memory.gates + first * 4 * size, memory.cells + first * size, memory.tanhs + first * size,
          gates.base, cellTangents, tangents + first * size)
      }
    }
  }
}
