import KernelShims

/// Independent beta variables on [low, high], with shapes α_j = 1 + softplus(output j) and
/// β_j = 1 + softplus(output size + j). Both are at least 1, so each density has one mode. With
/// x = (a - low)/(high - low):
///
///     log π(a) = Σ_j (α_j - 1) log x_j + (β_j - 1) log (1 - x_j) - log B(α_j, β_j) - log (high - low)
///     ∂log π/∂α_j = log x_j - ψ(α_j) + ψ(α_j + β_j)
///
/// - Source: Chou, Maturana & Scherer, "Improving stochastic policy gradients in continuous control with deep
///   reinforcement learning using the beta distribution" (2017).
final class Beta: Distribution {
  static let traits = PartTraits(name: "beta", actions: .reals(.inherent), outputs: .two)

  let part: ActionPart
  let kernels: KernelSet
  private let bounds: ActionBounds

  init(_ part: ActionPart, _ setting: DistributionSetting) {
    self.part = part
    kernels = setting.kernels
    bounds = ActionBounds(part)
  }

  var outputs: Int { 2 * part.size }
  var parameters: Int { 0 }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: MutableRows, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.beta.sample(
      draws.seed, draws.stream, draws.step, draws.firstRow, rows, part.size, head.outputs, bounds.low, bounds.high,
      bounds.lowMargin, bounds.highMargin,
      actions, logProbabilities)
  }

  /// The mode: x = (α - 1)/(α + β - 2); the middle of the range if both shapes are 1.
  func mode(_ head: Head, rows: Int, actions: MutableRows) {
    kernels.beta.mode(
      rows, part.size, head.outputs, bounds.low, bounds.high,
      actions)
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: Rows, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.beta.logProbability(
      rows, part.size, head.outputs, bounds.low, bounds.high,
      bounds.lowMargin, bounds.highMargin, actions, logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    kernels.beta.entropy(
      rows, part.size, head.outputs, bounds.low, bounds.high,
      entropies)
  }

  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    kernels.beta.divergence(
      rows, part.size, head.outputs, other.outputs, divergences)
  }

  func applyFisher(
    _ head: Head, rows: Int, outputTangents: MutableRows, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    kernels.beta.fisher(
      rows, part.size, head.outputs, outputTangents)
  }

  func score(
    _ head: Head, rows: Int, actions: Rows, weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>,
    outputGradients: MutableRows, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    kernels.beta.score(
      rows, part.size, head.outputs, bounds.low, bounds.high,
      bounds.lowMargin, bounds.highMargin, actions, weights, entropyWeights, outputGradients)
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int) throws(Refusal) {
    try actions.check(
      rows: rows, columns: part.size, firstColumn: firstColumn, "lie in [\(part.low), \(part.high)]"
    ) { part.low <= $0 && $0 <= part.high }
  }
}
