/// A step of a network. Immutable: any number of threads run one layer at a time, each with memory of its own.
///
/// A layer knows where its tensors lie in the flat parameter vector. It runs three passes over a block of rows:
/// forward, backward (reverse mode) and tangent (forward mode, for products with the Fisher matrix).
protocol Layer: AnyObject, Sendable {
  /// Floats that a row brings.
  var inputs: Int { get }
  /// Floats that a row leaves with.
  var outputs: Int { get }
  /// Its parameters, in the order of the parameter vector.
  var tensors: [Tensor] { get }
  /// What ``forward(_:)`` keeps for the other passes besides its outputs.
  var memory: LayerMemory { get }
  /// Floats that ``prepare(_:into:)`` writes.
  var preparedCount: Int { get }
  /// The derivative that a layer above may apply to the gradient it hands down; `nil` if this layer applies it itself.
  var slope: KernelSet.MultiplyThroughSlope? { get }

  /// Computes the outputs of a block of rows.
  func forward(_ pass: LayerPass)

  /// Writes the parameters in the layout that a backward pass reads; once for every change of the parameters.
  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>)

  /// Adds the gradient of Σ outputs · `gradients.outputs` by the parameters, and writes that by the inputs where it is
  /// wanted.
  func backward(_ pass: LayerPass, _ gradients: LayerGradients)

  /// Writes how the outputs move where the parameters move along `direction` and the inputs along `inputs`.
  ///
  /// - Parameter inputs: rows × ``inputs``; `nil` where the inputs stay.
  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>)
}

/// How many floats a layer keeps of a pass.
struct LayerMemory {
  var perRow = 0
  /// However many rows there are.
  var perPass = 0
}

/// What a layer works on in one pass over a block.
struct LayerPass {
  let rows: Int
  /// rows × ``Layer/inputs``.
  let inputs: UnsafePointer<Float>
  /// rows × ``Layer/outputs``.
  let outputs: UnsafeMutablePointer<Float>
  /// As much as ``Layer/memory`` asks for.
  let memory: UnsafeMutablePointer<Float>
  let parameters: UnsafePointer<Float>
}

/// What a backward pass through a layer reads and writes.
struct LayerGradients {
  /// The gradient by the outputs, rows × ``Layer/outputs``; used up.
  let outputs: UnsafeMutablePointer<Float>
  /// Whether the layer above has applied ``Layer/slope`` to it.
  let isThroughSlope: Bool
  /// What ``Layer/prepare(_:into:)`` wrote.
  let prepared: UnsafePointer<Float>
  /// The gradient by all parameters, which this layer adds its own to.
  let parameters: UnsafeMutablePointer<Float>
  let inputs: Inputs?

  /// The gradient by the inputs.
  struct Inputs {
    /// rows × ``Layer/inputs``.
    let target: UnsafeMutablePointer<Float>
    /// Whether the target holds what another branch handed down, to be added to.
    let accumulates: Bool
    /// The slope of the layer below, to be applied last: to products with its outputs, which are this layer's inputs.
    let slope: KernelSet.MultiplyThroughSlope?
  }
}
