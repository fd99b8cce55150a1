import KernelShims

/// A layer of a network. Immutable, so that any number of threads can run it, each with its own memory.
///
/// A layer knows where its tensors begin in the flat parameter vector. It has three passes over a block of rows:
/// forward, backward (reverse mode) and tangent (forward mode, for products with the Fisher matrix).
protocol Layer: AnyObject, Sendable {
  /// Inputs per row.
  var inputs: Int { get }
  /// Outputs per row.
  var outputs: Int { get }
  /// Its parameters, in the order of the parameter vector.
  var tensors: [Tensor] { get }
  /// How many floats ``forward(_:)`` keeps for the other passes, not counting its outputs.
  var memory: LayerMemory { get }
  /// How many floats ``prepare(_:into:)`` writes.
  var preparedCount: Int { get }
  /// Whether a backward pass reads the prepared parameters even if the gradient by the inputs is not needed.
  var isAlwaysPrepared: Bool { get }
  /// Floats of its hidden state per sequence; 0 for a layer without memory.
  var stateSize: Int { get }
  /// Whether its rows are images, so wide that blocks of them are chosen by another rule.
  var hasImages: Bool { get }
  /// The product that a layer above may use to also apply this layer's derivative; `nil` if this layer applies it
  /// itself.
  var slope: KernelSet.MultiplyThroughSlope? { get }

  /// Computes the outputs of a block of rows.
  func forward(_ pass: LayerPass)

  /// Writes the parameters in the layout that a backward pass reads. Called after every change of the parameters.
  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>)

  /// Adds the gradient of Σ outputs · `gradients.outputs` by the parameters. If `gradients.inputs` is given, writes the
  /// gradient by the inputs to it.
  func backward(_ pass: LayerPass, _ gradients: LayerGradients)

  /// Writes the derivative of the outputs where the parameters move along `direction` and the inputs along `inputs`.
  ///
  /// - Parameter inputs: rows × ``inputs``; `nil` if the inputs do not move.
  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>)
}

extension Layer {
  var isAlwaysPrepared: Bool { false }
  var stateSize: Int { 0 }
  var hasImages: Bool { false }
}

/// How many floats a layer keeps of a forward pass.
struct LayerMemory {
  var perRow = 0
  /// Independent of the number of rows.
  var perPass = 0
}

/// The memory of a layer's pass over a block.
struct LayerPass {
  let rows: Int
  /// rows × ``Layer/inputs``.
  let inputs: UnsafePointer<Float>
  /// rows × ``Layer/outputs``.
  let outputs: UnsafeMutablePointer<Float>
  /// As many floats as ``Layer/memory`` states.
  let memory: UnsafeMutablePointer<Float>
  let parameters: UnsafePointer<Float>
  /// How the rows form sequences; layers without memory ignore it.
  let lanes: UnsafePointer<LaneStates>
}

/// What a backward pass through a layer reads and writes.
struct LayerGradients {
  /// The gradient by the outputs, rows × ``Layer/outputs``; overwritten.
  let outputs: UnsafeMutablePointer<Float>
  /// Whether the layer above has applied ``Layer/slope`` to it.
  let isThroughSlope: Bool
  /// The result of ``Layer/prepare(_:into:)``.
  let prepared: UnsafePointer<Float>
  /// The gradient by all parameters, to which this layer adds.
  let parameters: UnsafeMutablePointer<Float>
  let inputs: Inputs?

  /// The gradient by the inputs.
  struct Inputs {
    /// rows × ``Layer/inputs``.
    let target: UnsafeMutablePointer<Float>
    /// Whether to add to the target, because it already holds the gradient of another branch.
    let accumulates: Bool
    /// The slope of the layer below, to be applied last. It reads that layer's outputs, which are this layer's inputs.
    let slope: KernelSet.MultiplyThroughSlope?
  }
}

extension LayerGradients.Inputs {
  /// Applies the slope of the layer below to some rows of the target, for layers whose last step is no matrix product.
  ///
  /// - Parameter outputs: The outputs of the layer below, rows × columns.
  func applySlope(at outputs: UnsafePointer<Float>, rows: Range<Int>, columns: Int) {
    guard let slope else { return }
    for row in rows {
      // A product of depth 0, added to the target.
      let place = MutableRows(base: target + row * columns, stride: columns)
      var product = MatrixProduct(
        rows: 1, columns: columns, depth: 0, a: Matrix(rows: outputs, stride: 0), b: Rows(base: outputs, stride: 0),
        initial: InitialRows(place), c: place)
      slope(&product, outputs + row * columns)
    }
  }
}
