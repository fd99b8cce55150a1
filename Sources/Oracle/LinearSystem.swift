import PolicyGradient

/// A square matrix factored as P·A = L·U with partial pivoting, ready to solve for any right-hand side.
struct LinearSystem {
  private let size: Int
  private let matrix: Buffer<Double>
  private var pivots: [Int] = []

  /// - Parameter matrix: size × size; overwritten.
  /// - Throws: `.invalidArgument` for a matrix that is singular to working precision.
  init(_ matrix: Buffer<Double>, size: Int) throws(Refusal) {
    self.size = size
    self.matrix = matrix
    let a = matrix.pointer
    for k in 0..<size {
      var pivot = k
      for i in k..<size where abs(a[i * size + k]) > abs(a[pivot * size + k]) { pivot = i }
      guard abs(a[pivot * size + k]) > 1e-13 else {
        throw Refusal(
          .invalidArgument,
          "gamma is 1, horizon is 0, and an episode of this policy may never end; set gamma below 1 or a horizon"
        )
      }
      pivots.append(pivot)
      if pivot != k { for j in 0..<size { swap(&a[k * size + j], &a[pivot * size + j]) } }
      for i in k + 1..<size where a[i * size + k] != 0 {
        let factor = a[i * size + k] / a[k * size + k]
        a[i * size + k] = factor
        let (row, source) = (a + i * size, a + k * size)
        for j in k + 1..<size { row[j] -= factor * source[j] }
      }
    }
  }

  /// A⁻¹·b.
  func solve(_ b: [Double]) -> [Double] {
    var x = b
    let a = matrix.pointer
    for k in 0..<size { x.swapAt(k, pivots[k]) }
    for k in 0..<size {
      for i in k + 1..<size { x[i] -= a[i * size + k] * x[k] }
    }
    for k in (0..<size).reversed() {
      for j in k + 1..<size { x[k] -= a[k * size + j] * x[j] }
      x[k] /= a[k * size + k]
    }
    return x
  }

  /// A⁻ᵀ·b.
  func solveTransposed(_ b: [Double]) -> [Double] {
    var x = b
    let a = matrix.pointer
    for k in 0..<size {
      for i in 0..<k { x[k] -= a[i * size + k] * x[i] }
      x[k] /= a[k * size + k]
    }
    for k in (0..<size).reversed() {
      for i in k + 1..<size { x[k] -= a[i * size + k] * x[i] }
    }
    for k in (0..<size).reversed() { x.swapAt(k, pivots[k]) }
    return x
  }
}
