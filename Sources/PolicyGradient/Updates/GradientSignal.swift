/// The signal-to-noise ratio of a minibatch's gradient, ‖E g‖² / tr Cov g, estimated from the minibatches of one epoch.
///
///     s² = Σ‖gᵢ - ḡ‖² / (n - 1),   (‖ḡ‖² - s²/n) / s²
///
/// The numerator is an unbiased estimate of ‖E g‖². For pure noise the ratio is near 0 and may be negative.
final class GradientSignal {
  private let sum: Buffer<Float>
  private let kernels: KernelSet
  private var squares = 0.0
  private var count = 0

  init(parameters: Int, _ kernels: KernelSet) throws(Refusal) {
    sum = try Buffer(count: parameters)
    self.kernels = kernels
  }

  func begin() {
    sum.elements.update(repeating: 0)
    (squares, count) = (0, 0)
  }

  func add(_ gradient: Gradient) {
    let scale = Double(gradient.scale)
    kernels.addScaled(sum.pointer, gradient.sum, gradient.scale, sum.count)
    squares += kernels.sumOfSquares(gradient.sum, sum.count) * (scale * scale)
    count += 1
  }

  /// NaN for fewer than two gradients, or for equal ones.
  var toNoise: Double {
    guard count > 1 else { return .nan }
    let n = Double(count)
    let meanSquare = kernels.sumOfSquares(sum.pointer, sum.count) / (n * n)
    let noise = (squares - n * meanSquare) / (n - 1)
    return noise > 0 ? (meanSquare - noise / n) / noise : .nan
  }
}
