import KernelShims

/// The parameters of a recurrent layer, and the products that do not depend on the kind of its gates:
///
///     a = W_in x + b_in,   p = W_h h + b_h
///
/// Each has one block of `size` columns per gate. Weights have the layout of ``Dense``: W_in is inputs ×
/// (gates · size), W_h is size × (gates · size). PyTorch stores their transposes.
///
/// Initially, the block of W_in of each gate is drawn by the policy's ``Initialization`` with a gain of 1, since gates
/// do not rectify, and the block of W_h of each gate is an orthogonal matrix, which preserves the norms of states and
/// gradients (Saxe, McClelland & Ganguli 2014). Keras has the same defaults.
struct RecurrentWeights: Sendable {
  let inputs: Int
  /// The length of h.
  let size: Int
  let gates: Int
  // Where its tensors begin in the parameter vector.
  let input: Int
  let hidden: Int
  let inputBias: Int?
  let hiddenBias: Int?
  let tensors: [Tensor]
  /// The first position after this layer in the parameter vector.
  let end: Int
  let kernels: KernelSet

  /// - Parameters:
  ///   - name: The start of the tensors' names.
  ///   - inputBiases: The initial input bias of each gate.
  ///   - index: Keys the draws of the initial weights.
  init(
    _ name: String, inputs: Int, size: Int, inputBiases: [Float], hasBias: Bool, index: Int, at offset: Int,
    _ kernels: KernelSet
  ) {
    self.inputs = inputs
    self.size = size
    self.kernels = kernels
    let gates = inputBiases.count
    self.gates = gates
    var end = offset
    var tensors: [Tensor] = []
    func addTensor(_ part: String, _ shape: [Int], _ initial: Tensor.Initial) -> Int {
      defer { end += tensors[tensors.count - 1].count }
      tensors.append(Tensor(name: "\(name).\(part)", offset: end, shape: shape, initial: initial))
      return end
    }
    // Dense layers use the low half of an index.
    func key(_ block: Int) -> Int { (block + 1) << 32 + index }
    input = addTensor(
      "input.weight", [inputs, gates * size], .blocks((0..<gates).map { .weight(gain: 1, index: key($0)) }))
    hidden = addTensor(
      "hidden.weight", [size, gates * size], .blocks((0..<gates).map { .orthogonal(index: key(gates + $0)) }))
    inputBias = hasBias ? addTensor("input.bias", [gates * size], .blocks(inputBiases.map { .constant($0) })) : nil
    hiddenBias = hasBias ? addTensor("hidden.bias", [gates * size], .constant(0)) : nil
    self.tensors = tensors
    self.end = end
  }

  /// The columns of a and p.
  var columns: Int { gates * size }

  // MARK: Forward

  /// Writes to `row` the input biases, plus the hidden biases of the first `count` columns; `nil` without biases.
  func sumBiases(
    _ parameters: UnsafePointer<Float>, hidden count: Int, into row: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float>? {
    guard let inputBias, let hiddenBias else { return nil }
    row.update(from: parameters + inputBias, count: columns)
    kernels.addScaled(row, parameters + hiddenBias, 1, count)
    return UnsafePointer(row)
  }

  /// `result = x W_in + initial` for rows of x.
  func multiplyInputs(
    _ x: UnsafePointer<Float>, rows: Int, _ parameters: UnsafePointer<Float>, initial: InitialRows,
    into result: UnsafeMutablePointer<Float>
  ) {
    var product = MatrixProduct(
      rows: rows, columns: columns, depth: inputs, a: Matrix(rows: x, stride: inputs),
      b: Rows(base: parameters + input, stride: columns), initial: initial,
      c: MutableRows(base: result, stride: columns))
    kernels.multiply(&product)
  }

  /// `result = h W_h + initial` for rows of h and some columns of W_h.
  func multiplyHidden(
    _ h: UnsafePointer<Float>, rows: Int, _ range: Range<Int>, _ parameters: UnsafePointer<Float>,
    initial: InitialRows, into result: MutableRows
  ) {
    var product = MatrixProduct(
      rows: rows, columns: range.count, depth: size, a: Matrix(rows: h, stride: size),
      b: Rows(base: parameters + hidden + range.lowerBound, stride: columns), initial: initial, c: result)
    kernels.multiply(&product)
  }

  // MARK: Backward

  /// The transposes of W_h and W_in.
  var preparedCount: Int { (size + inputs) * columns }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    kernels.transpose(
      size, columns, Rows(base: parameters + hidden, stride: columns), MutableRows(base: prepared, stride: size))
    kernels.transpose(
      inputs, columns, Rows(base: parameters + input, stride: columns),
      MutableRows(base: prepared + size * columns, stride: inputs))
  }

  /// Adds to `result`, or writes to it, the gradient by h, given the gradient `delta` by some columns of p.
  func multiplyHiddenTransposed(
    _ delta: Rows, rows: Int, _ range: Range<Int>, prepared: UnsafePointer<Float>, adds: Bool,
    into result: UnsafeMutablePointer<Float>
  ) {
    let target = MutableRows(base: result, stride: size)
    var product = MatrixProduct(
      rows: rows, columns: size, depth: range.count, a: Matrix(rows: delta.base, stride: delta.stride),
      b: Rows(base: prepared + range.lowerBound * size, stride: size),
      initial: adds ? InitialRows(target) : .zeros, c: target)
    kernels.multiply(&product)
  }

  /// Adds the gradients of some columns of W_h and b_h, given `delta`, the gradient of these columns of p.
  func addHiddenGradient(
    _ h: UnsafePointer<Float>, _ delta: Rows, rows: Int, _ range: Range<Int>, to gradient: UnsafeMutablePointer<Float>
  ) {
    addWeightGradient(h, stride: size, delta, rows: rows, count: range.count, to: gradient + hidden + range.lowerBound)
    if let hiddenBias {
      kernels.addColumnSums(rows, range.count, delta, gradient + hiddenBias + range.lowerBound)
    }
  }

  /// Adds the gradients by W_in and b_in, given the gradient `delta` by a. Writes the gradient by x if it is needed.
  func backwardInputs(_ pass: LayerPass, _ gradients: LayerGradients, _ delta: UnsafePointer<Float>) {
    let deltaRows = Rows(base: delta, stride: columns)
    addWeightGradient(
      pass.inputs, stride: inputs, deltaRows, rows: pass.rows, count: columns, to: gradients.parameters + input)
    if let inputBias { kernels.addColumnSums(pass.rows, columns, deltaRows, gradients.parameters + inputBias) }
    guard let below = gradients.inputs else { return }
    let target = MutableRows(base: below.target, stride: inputs)
    var product = MatrixProduct(
      rows: pass.rows, columns: inputs, depth: columns, a: Matrix(rows: delta, stride: columns),
      b: Rows(base: gradients.prepared + size * columns, stride: inputs),
      initial: below.accumulates ? InitialRows(target) : .zeros, c: target)
    if let multiplyThroughSlope = below.slope {
      multiplyThroughSlope(&product, pass.inputs)
    } else {
      kernels.multiply(&product)
    }
  }

  /// `result += xᵀ delta`, where x has rows of `stride` floats.
  private func addWeightGradient(
    _ x: UnsafePointer<Float>, stride: Int, _ delta: Rows, rows: Int, count: Int,
    to result: UnsafeMutablePointer<Float>
  ) {
    let target = MutableRows(base: result, stride: columns)
    var product = MatrixProduct(
      rows: stride, columns: count, depth: rows, a: Matrix(transposed: x, stride: stride), b: delta,
      initial: InitialRows(target), c: target)
    kernels.multiply(&product)
  }
}

/// A layer with a memory.
protocol RecurrentLayer: Layer {
  /// - Parameters:
  ///   - name: The start of the tensors' names.
  ///   - outputs: The length of h.
  ///   - stateOffset: Where its state begins in a lane's state.
  ///   - index: Keys the draws of the initial weights.
  ///   - offset: Where its parameters begin in the parameter vector.
  init(
    _ name: String, inputs: Int, outputs: Int, hasBias: Bool, stateOffset: Int, index: Int, at offset: Int,
    _ kernels: KernelSet)

  /// The first position after this layer in the parameter vector.
  var end: Int { get }
}
