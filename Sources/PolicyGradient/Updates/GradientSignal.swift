/// How much of a minibatch's gradient is signal: ‖E g‖² / tr Cov g, estimated from the minibatches of one epoch.
///
///     s² = Σ‖gᵢ - ḡ‖² / (n - 1),   (‖ḡ‖² - s²/n) / s²
///
/// The numerator is unbiased for ‖E g‖², so of pure noise the estimate lies around 0, at times below.
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

  /// NaN of fewer than two gradients, or of equal ones.
  var toNoise: Double {
    guard count > 1 else { return .nan }
    let n = Double(count)
    let meanSquare = kernels.sumOfSquares(sum.pointer, sum.count) / (n * n)
    let noise = (squares - n * meanSquare) / (n - 1)
    return noise > 0 ? (meanSquare - noise / n) / noise : .nan
  }
}
