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
