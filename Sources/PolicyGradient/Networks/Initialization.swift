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

/// Fills a layer's weight with `gain` times a random matrix of orthonormal columns, or of orthonormal rows if these are
/// fewer.
///
/// The Q factor of a Gaussian matrix is uniformly distributed over such matrices. It is computed by modified
/// Gram–Schmidt in double precision, without a change of signs.
/// - Source: Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
///   networks" (2014); Mezzadri, "How to generate random matrices from the classical compact groups" (2007).
func fillOrthogonal(
  _ weight: UnsafeMutablePointer<Float>, inputs: Int, outputs: Int, gain: Double, seed: UInt64, index: Int,
  _ kernels: KernelSet
) throws(Refusal) {
  let vectors = min(inputs, outputs)
  let length = max(inputs, outputs)
  let normals = try Buffer<Float>(count: vectors * length)
  kernels.normalDraws(
    seed, RandomStream.initialization.rawValue, UInt64(index), 0, vectors, length, normals.pointer)
  let q = try Buffer<Double>(count: vectors * length)
  for i in 0..<vectors * length { q.pointer[i] = Double(normals.pointer[i]) }
  for i in 0..<vectors {
    let vector = q.pointer + i * length
    // Twice is enough: the second pass removes the rounding errors of the first (Kahan; Parlett 1980).
    for _ in 0..<2 {
      for j in 0..<i {
        let other = q.pointer + j * length
        let projection = innerProduct(vector, other, length)
        for k in 0..<length { vector[k] -= projection * other[k] }
      }
    }
    let scale = 1 / innerProduct(vector, vector, length).squareRoot()
    for k in 0..<length { vector[k] *= scale }
  }
  for i in 0..<inputs {
    for j in 0..<outputs {
      let place = inputs >= outputs ? j * length + i : i * length + j
      weight[i * outputs + j] = Float(gain * q.pointer[place])
    }
  }
}
