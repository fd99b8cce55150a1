import KernelShims

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
    /// A random matrix of orthonormal rows or columns, whatever the policy's ``Initialization``.
    case orthogonal(index: Int)
    /// Blocks of equally many columns, each with its own initial values.
    indirect case blocks([Initial])
  }

  var count: Int { shape.reduce(1, *) }

  /// Writes the initial values into the parameter vector.
  func initialize(
    _ parameters: UnsafeMutablePointer<Float>, _ initialization: Initialization, seed: UInt64, _ kernels: KernelSet
  ) throws(Refusal) {
    let rows = shape.count > 1 ? shape[0] : 1
    try initial.fill(parameters + offset, rows, count / rows, initialization, seed: seed, kernels)
  }
}

extension Tensor.Initial {
  /// Fills a matrix without gaps.
  fileprivate func fill(
    _ matrix: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int, _ initialization: Initialization,
    seed: UInt64, _ kernels: KernelSet
  ) throws(Refusal) {
    switch self {
    case .constant(let value): matrix.update(repeating: value, count: rows * columns)
    case .weight(let gain, let index):
      try initialization.fill(
        matrix, inputs: rows, outputs: columns, gain: gain ?? initialization.hiddenGain, seed: seed, index: index,
        kernels)
    case .orthogonal(let index):
      try fillOrthogonal(matrix, inputs: rows, outputs: columns, gain: 1, seed: seed, index: index, kernels)
    case .blocks(let blocks):
      let width = columns / blocks.count
      let values = try Buffer<Float>(count: rows * width)
      for (place, block) in blocks.enumerated() {
        try block.fill(values.pointer, rows, width, initialization, seed: seed, kernels)
        for row in 0..<rows {
          (matrix + row * columns + place * width).update(from: values.pointer + row * width, count: width)
        }
      }
    }
  }
}

extension Matrix {
  /// Rows one after another, `stride` floats apart.
  @inline(__always) init(rows base: UnsafePointer<Float>, stride: Int) {
    self.init(base: base, rowStride: stride, columnStride: 1)
  }

  /// The transpose of rows that are `stride` floats apart.
  @inline(__always) init(transposed base: UnsafePointer<Float>, stride: Int) {
    self.init(base: base, rowStride: 1, columnStride: stride)
  }
}

extension InitialRows {
  @inline(__always) static var zeros: InitialRows { InitialRows(base: nil, stride: 0) }

  /// The same row for all, such as a bias; zeros if it is nil.
  @inline(__always) init(repeating row: UnsafePointer<Float>?) { self.init(base: row, stride: 0) }

  /// The target's own rows: the product is added to them.
  @inline(__always) init(_ rows: MutableRows) { self.init(base: rows.base, stride: rows.stride) }
}
