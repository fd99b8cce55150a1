/// v ← ρ v + (1 - ρ) g²,  θ ← θ + α g / (√v + ε).
/// - Source: Hinton, "Neural networks for machine learning", lecture 6e (2012).
final class RMSProp: UpdateRule {
  private let configuration: OptimizerConfiguration
  private let second: Buffer<Float>
  let state: [(name: String, values: Buffer<Float>)]
  private let kernels: KernelSet

  init(_ configuration: OptimizerConfiguration, _ count: Int, _ kernels: KernelSet) throws(Refusal) {
    self.configuration = configuration
    second = try Buffer(count: count)
    state = [("second_moment", second)]
    self.kernels = kernels
  }

  func apply(
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, count: Int,
    learningRate: Double, step: Int64
  ) {
    kernels.rmspropStep(
      parameters, second.pointer, gradient, count, scale, Float(configuration.decay), Float(learningRate),
      Float(configuration.epsilon))
  }
}
