import KernelShims

/// Independent columns a = low + (high - low)(tanh u + 1)/2 with normal u. The network outputs the means of u;
/// ``LogStdSource`` names the source of log σ.
///
///     log π(a) = Σ_j log N(u_j; μ_j, σ_j) - log |da_j/du_j|,   log |da/du| = log ½(high - low) + log (1 - tanh²u)
///     H = Σ_j log σ_j + ½ log 2πe + log ½(high - low) + E[log (1 - tanh²u_j)]
///
/// An action space of draws holds the pre-squash actions u in these columns. Far from 0, where tanh u rounds to ±1,
/// only u gives the density and score of the sample. From an action a, u is computed by the distances of a from its
/// bounds, so that nothing cancels. The last expectation has no closed form. A sum with fixed nodes is within 3·10⁻⁶
/// of it, and the entropy's gradient is the gradient of that sum.
/// - Source: Haarnoja et al., "Soft actor-critic" (2018), appendix C.
final class SquashedGaussian: Distribution {
  static let traits = PartTraits(name: "squashed Gaussian", actions: .reals(.squashed), outputs: .meanAndLogStd)

  let part: ActionPart
  let logStd: LogStdSource
  let kernels: KernelSet
  /// Whether columns hold u instead of a.
  private let holdsDraws: Bool
  private let bounds: ActionBounds
  /// The distribution of u.
  private let gaussian: DiagonalGaussian

  init(_ part: ActionPart, _ setting: DistributionSetting) {
    self.part = part
    logStd = setting.logStd
    kernels = setting.kernels
    holdsDraws = setting.holdsDraws
    bounds = ActionBounds(part)
    gaussian = DiagonalGaussian(part, setting)
  }

  var outputs: Int { logStd.outputs }
  var parameters: Int { logStd.parameters }
  var logStdOutputs: Range<Int> { part.size..<logStd.outputs }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: MutableRows, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    draws.normals(rows: rows, columns: part.size, into: scratch, kernels)
    let logStds = head.logStds
    kernels.squashed.sample(
      rows, part.size, head.outputs, logStds, bounds.range, scratch,
      actions, logProbabilities)
    if !holdsDraws { squash(actions, rows: rows) }
  }

  /// Turns u into a, in place.
  func squash(_ draws: MutableRows, rows: Int) {
    kernels.squashed.mode(
      rows, part.size, Rows(base: draws.base, stride: draws.stride), bounds.low, bounds.high, draws)
  }

  /// Turns a into u = ½ log((a - low) / (high - a)), in place.
  func unsquash(_ actions: MutableRows, rows: Int) {
    for row in 0..<rows {
      for column in 0..<part.size {
        let place = actions.base + row * actions.stride + column
        let action = Double(place.pointee)
        let (below, above) = (max(action - bounds.low, bounds.lowMargin), max(bounds.high - action, bounds.highMargin))
        place.pointee = Float(0.5 * (log(below) - log(above)))
      }
    }
  }

  /// The image of the mean of u: the median, not the mode of the density, which may lie at a bound.
  func mode(_ head: Head, rows: Int, actions: MutableRows) {
    kernels.squashed.mode(
      rows, part.size, head.outputs, bounds.low, bounds.high, actions)
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: Rows, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    let logStds = head.logStds
    guard !holdsDraws else {
      return kernels.squashed.drawLogProbability(
        rows, part.size, head.outputs, logStds, bounds.range,
        actions, logProbabilities)
    }
    kernels.squashed.logProbability(
      rows, part.size, head.outputs, logStds, bounds.low, bounds.high,
      bounds.lowMargin, bounds.highMargin, actions, logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    let logStds = head.logStds
    kernels.squashed.entropy(
      rows, part.size, head.outputs, logStds, bounds.low, bounds.high,
      entropies)
  }

  /// The divergence of the Gaussians before squashing: a one-to-one map does not change it.
  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    gaussian.addDivergence(head, from: other, rows: rows, to: divergences)
  }

  /// The Fisher product of the Gaussian before squashing.
  func applyFisher(
    _ head: Head, rows: Int, outputTangents: MutableRows, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    gaussian.applyFisher(
      head, rows: rows, outputTangents: outputTangents, parameterTangents: parameterTangents,
      parameterProducts: parameterProducts)
  }

  func score(
    _ head: Head, rows: Int, actions: Rows, weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>,
    outputGradients: MutableRows, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    let logStds = head.logStds
    let logStdGradients = logStd.gradients(outputGradients, parameterGradients)
    guard !holdsDraws else {
      return kernels.squashed.drawScore(
        rows, part.size, head.outputs, logStds, actions, weights, entropyWeights, outputGradients, logStdGradients)
    }
    kernels.squashed.score(
      rows, part.size, head.outputs, logStds, bounds.low, bounds.high,
      bounds.lowMargin, bounds.highMargin, actions, weights, entropyWeights, outputGradients, logStdGradients)
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int) throws(Refusal) {
    guard !holdsDraws else { return try gaussian.check(actions, rows: rows, firstColumn: firstColumn) }
    try actions.check(
      rows: rows, columns: part.size, firstColumn: firstColumn, "lie in [\(part.low), \(part.high)]"
    ) { part.low <= $0 && $0 <= part.high }
  }
}
