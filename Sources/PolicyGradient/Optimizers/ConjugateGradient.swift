/// Solves A x = b for a symmetric positive definite A, given only by its products with vectors.
///
///     α = rᵀr / pᵀA p,   x ← x + α p,   r' = r - α A p,   p ← r' + (r'ᵀr' / rᵀr) p
///
/// from x = 0 and r = p = b, until ‖r‖ is small enough or the steps are used up. In exact arithmetic, as many steps as
/// A has different eigenvalues are enough.
///
/// While ``needsProduct`` is true, the caller writes A times ``direction`` to ``product`` and calls ``step()``.
/// - Source: Hestenes & Stiefel, "Methods of conjugate gradients for solving linear systems" (1952).
final class ConjugateGradient {
  /// x.
  let solution: Buffer<Float>
  /// p.
  let direction: Buffer<Float>
  /// Receives A p.
  let product: Buffer<Float>
  private let residual: Buffer<Float>
  private let kernels: KernelSet
  /// rᵀr, and the value below which it is small enough.
  private var square = 0.0
  private var enough = 0.0
  private var stepsLeft = 0

  init(size: Int, _ kernels: KernelSet) throws(Refusal) {
    solution = try Buffer(count: size)
    residual = try Buffer(count: size)
    direction = try Buffer(count: size)
    product = try Buffer(count: size)
    self.kernels = kernels
  }

  /// Starts to solve the system.
  ///
  /// - Parameters:
  ///   - target: b.
  ///   - steps: The most steps to take.
  ///   - relative: The solution is good enough when ‖r‖ is at most this times ‖b‖,
  ///   - absolute: or at most this.
  func begin(_ target: UnsafePointer<Float>, steps: Int, relative: Double, absolute: Double) {
    let count = solution.count
    solution.pointer.update(repeating: 0, count: count)
    residual.pointer.update(from: target, count: count)
    direction.pointer.update(from: target, count: count)
    square = kernels.sumOfSquares(residual.pointer, count)
    enough = max(relative * relative * square, absolute * absolute)
    stepsLeft = steps
  }

  /// Whether another step follows.
  var needsProduct: Bool { stepsLeft > 0 && square > enough }

  /// Takes a step, given the product.
  func step() {
    let count = solution.count
    let (x, r, p, q) = (solution.pointer, residual.pointer, direction.pointer, product.pointer)
    let curvature = innerProduct(p, q, count)
    guard curvature > 0 else {
      stepsLeft = 0
      return
    }
    let step = Float(square / curvature)
    kernels.addScaled(x, p, step, count)
    kernels.addScaled(r, q, -step, count)
    let next = kernels.sumOfSquares(r, count)
    kernels.scale(p, count, Float(next / square))
    kernels.addScaled(p, r, 1, count)
    square = next
    stepsLeft -= 1
  }

  /// xᵀA x, given b.
  func curvature(_ target: UnsafePointer<Float>) -> Double {
    let (x, count) = (solution.pointer, solution.count)
    // A x = b - r.
    return innerProduct(x, target, count) - innerProduct(x, residual.pointer, count)
  }
}

/// The inner product, summed in double precision.
private func innerProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
  var sum = 0.0
  for k in 0..<count { sum += Double(a[k]) * Double(b[k]) }
  return sum
}
