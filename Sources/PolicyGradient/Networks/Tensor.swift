/// A named, contiguous part of the flat parameter vector.
struct Tensor {
  let name: String
  /// The place of its first element in the vector.
  let offset: Int
  /// Row-major: inputs × outputs of a weight, outputs of a bias.
  let shape: [Int]
  let initial: Initial

  enum Initial {
    /// Every element.
    case constant(Float)
    /// Drawn by the policy's ``Initialization``; weights of different `index` are drawn apart. A `nil` gain is the
    /// initialization's own for hidden layers.
    case weight(gain: Double?, index: Int)
  }

  var count: Int { shape.reduce(1, *) }
}
