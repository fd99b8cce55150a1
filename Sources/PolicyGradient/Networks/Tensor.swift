/// A named, contiguous part of the flat parameter vector.
struct Tensor {
  let name: String
  /// The position of its first element in the vector.
  let offset: Int
  /// Row-major: inputs × outputs for a weight, outputs for a bias.
  let shape: [Int]
  let initial: Initial

  enum Initial {
    /// The value of every element.
    case constant(Float)
    /// Drawn by the policy's ``Initialization``. Weights with different `index` get different draws. A `nil` gain means
    /// the initialization's gain for hidden layers.
    case weight(gain: Double?, index: Int)
  }

  var count: Int { shape.reduce(1, *) }
}
