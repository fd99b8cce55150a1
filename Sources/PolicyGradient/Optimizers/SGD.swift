/// Stochastic gradient ascent with momentum: v ← μ v + g,  θ ← θ + α v.
/// - Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
final class SGD: UpdateRule {
  private let momentum: Float
  private let velocity: Buffer<Float>
  let state: [(name: String, values: Buffer<Float>)]
  private let kernels: KernelSet

  init(_ configuration: OptimizerConfiguration, _ count: Int, _ kernels: KernelSet) throws(Refusal) {
    momentum = Float(configuration.momentum)
    velocity = try Buffer(count: count)
    state = [("velocity", velocity)]
    self.kernels = kernels
  }

  func apply(
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, count: Int,
    learningRate: Double, step: Int64
  ) {
    kernels.sgdStep(parameters, velocity.pointer, gradient, count, Float(learningRate), momentum, scale)
  }
}
