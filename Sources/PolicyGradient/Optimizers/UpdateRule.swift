/// One kind of optimizer: how a gradient, already scaled, moves the parameters.
protocol UpdateRule: AnyObject {
  /// The state between steps, by name; each buffer has the length of the parameters.
  var state: [(name: String, values: Buffer<Float>)] { get }

  /// Moves the parameters at `places` along `scale` × `gradient`. `step` counts from 1.
  func apply(
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, _ places: Range<Int>,
    learningRate: Double, step: Int64)
}

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
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, _ places: Range<Int>,
    learningRate: Double, step: Int64
  ) {
    let start = places.lowerBound
    kernels.sgdStep(
      parameters + start, velocity.pointer + start, gradient + start, places.count, Float(learningRate), momentum, scale
    )
  }
}

/// v ← ρ v + (1 - ρ) g²,  θ ← θ + α g / (√v + ε). TensorFlow's has √(v + ε) in place of √v + ε, and v starts at 1.
/// - Source: Hinton, "Neural networks for machine learning", lecture 6e (2012).
final class RMSProp: UpdateRule {
  private let configuration: OptimizerConfiguration
  private let second: Buffer<Float>
  let state: [(name: String, values: Buffer<Float>)]
  private let kernels: KernelSet

  init(_ configuration: OptimizerConfiguration, _ count: Int, _ kernels: KernelSet) throws(Refusal) {
    self.configuration = configuration
    second = try Buffer(count: count)
    if configuration.kind == .tensorflowRMSProp { second.pointer.update(repeating: 1, count: count) }
    state = [("second_moment", second)]
    self.kernels = kernels
  }

  func apply(
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, _ places: Range<Int>,
    learningRate: Double, step: Int64
  ) {
    let start = places.lowerBound
    let epsilon = Float(configuration.epsilon)
    let isInside = configuration.kind == .tensorflowRMSProp
    kernels.rmspropStep(
      parameters + start, second.pointer + start, gradient + start, places.count, scale, Float(configuration.decay),
      Float(learningRate), isInside ? epsilon : 0, isInside ? 0 : epsilon)
  }
}

/// m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,  θ ← θ + α m̂ / (√v̂ + ε), where m̂ and v̂ are corrected for
/// starting at 0. AdamW also decays each parameter by itself, apart from the gradient: θ ← θ - α λ θ.
/// - Source: Kingma & Ba, "Adam: a method for stochastic optimization" (2015); Loshchilov & Hutter, "Decoupled weight
///   decay regularization" (2019).
final class Adam: UpdateRule {
  private let configuration: OptimizerConfiguration
  /// λ; 0 for Adam.
  private let weightDecay: Double
  private let first: Buffer<Float>
  private let second: Buffer<Float>
  let state: [(name: String, values: Buffer<Float>)]
  private let kernels: KernelSet

  init(_ configuration: OptimizerConfiguration, _ count: Int, _ kernels: KernelSet) throws(Refusal) {
    self.configuration = configuration
    weightDecay = configuration.kind == .adamw ? configuration.weightDecay : 0
    first = try Buffer(count: count)
    second = try Buffer(count: count)
    state = [("first_moment", first), ("second_moment", second)]
    self.kernels = kernels
  }

  func apply(
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, _ places: Range<Int>,
    learningRate: Double, step: Int64
  ) {
    let start = places.lowerBound
    // Computed from β as a float, as the moments are: for β near 1 a float keeps few digits of 1 - β.
    let (beta1, beta2) = (Float(configuration.beta1), Float(configuration.beta2))
    let stepSize = learningRate / (1 - pow(Double(beta1), Double(step)))
    let secondCorrection = 1 / (1 - pow(Double(beta2), Double(step))).squareRoot()
    kernels.adamStep(
      parameters + start, first.pointer + start, second.pointer + start, gradient + start, places.count, scale, beta1,
      beta2, Float(stepSize), Float(secondCorrection), Float(configuration.epsilon), Float(learningRate * weightDecay))
  }
}
