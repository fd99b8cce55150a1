/// Solves A x = b for a symmetric positive definite A, given only by its products with vectors.
///
///     α = rᵀr / pᵀA p,   x ← x + α p,   r' = r - α A p,   p ← r' + (r'ᵀr' / rᵀr) p
///
/// from x = 0 and r = p = b, until ‖r‖ is below 10⁻⁵ ‖b‖ or the steps are used up. In exact arithmetic, as many steps
/// as A has different eigenvalues are enough.
/// - Source: Hestenes & Stiefel, "Methods of conjugate gradients for solving linear systems" (1952).
final class ConjugateGradient {
  /// x.
  let solution: Buffer<Float>
  private let residual: Buffer<Float>
  private let direction: Buffer<Float>
  private let product: Buffer<Float>
  private let kernels: KernelSet

  init(size: Int, _ kernels: KernelSet) throws(Refusal) {
    solution = try Buffer(count: size)
    residual = try Buffer(count: size)
    direction = try Buffer(count: size)
    product = try Buffer(count: size)
    self.kernels = kernels
  }

  /// Writes x to ``solution``.
  ///
  /// - Parameters:
  ///   - target: b.
  ///   - multiply: Writes A times a vector.
  /// - Returns: xᵀA x.
  func solve(
    _ target: UnsafePointer<Float>, steps: Int,
    multiply: (_ vector: UnsafePointer<Float>, _ product: UnsafeMutablePointer<Float>) -> Void
  ) -> Double {
    let count = solution.count
    let (x, r, p, q) = (solution.pointer, residual.pointer, direction.pointer, product.pointer)
    x.update(repeating: 0, count: count)
    r.update(from: target, count: count)
    p.update(from: target, count: count)
    var square = kernels.sumOfSquares(r, count)
    let enough = 1e-10 * square
    for _ in 0..<steps where square > enough {
      multiply(p, q)
      let curvature = innerProduct(p, q, count)
      guard curvature > 0 else { break }
      let step = Float(square / curvature)
      kernels.addScaled(x, p, step, count)
      kernels.addScaled(r, q, -step, count)
      let next = kernels.sumOfSquares(r, count)
      kernels.scale(p, count, Float(next / square))
      kernels.addScaled(p, r, 1, count)
      square = next
    }
    // A x = b - r.
    return innerProduct(x, target, count) - innerProduct(x, r, count)
  }
}

/// The inner product, summed in double precision.
private func innerProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
  var sum = 0.0
  for k in 0..<count { sum += Double(a[k]) * Double(b[k]) }
  return sum
}
