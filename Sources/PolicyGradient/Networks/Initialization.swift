/// The distribution of initial weights.
package enum Initialization: Int32, Sendable, CaseIterable {
  /// `gain` times a random matrix of orthonormal rows or columns.
  case orthogonal = 1
  /// Uniform within ± gain √(6/(inputs + outputs)): Glorot & Bengio, "Understanding the difficulty of training deep
  /// feedforward neural networks" (2010).
  case glorotUniform
  /// Uniform within ± gain √(3/inputs): He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015).
  case kaimingUniform

  /// The gain of hidden layers: 1 for Glorot's; √2 for the others, since a rectifier halves the mean square.
  var hiddenGain: Double { self == .glorotUniform ? 1 : 2.0.squareRoot() }

  /// Fills a layer's weight. Layers with different `index` get different draws.
  func fill(
    _ weight: UnsafeMutablePointer<Float>, inputs: Int, outputs: Int, gain: Double, seed: UInt64, index: Int,
    _ kernels: KernelSet
  ) throws(Refusal) {
    let bound: Double
    switch self {
    case .orthogonal:
      return try fillOrthogonal(
        weight, inputs: inputs, outputs: outputs, gain: gain, seed: seed, index: index, kernels)
    case .glorotUniform: bound = gain * (6 / Double(inputs + outputs)).squareRoot()
    case .kaimingUniform: bound = gain * (3 / Double(inputs)).squareRoot()
    }
    kernels.uniformDraws(
      seed, RandomStream.initialization.rawValue, UInt64(index), 0, inputs, outputs, weight)
    kernels.shiftAndScale(weight, inputs * outputs, 0.5, Float(2 * bound))
  }
}
