import KernelShims

/// Independent normal columns. The network outputs the means; ``LogStdSource`` names the source of log σ.
///
///     log π(a) = Σ_j -½((a_j - μ_j)/σ_j)² - log σ_j - ½ log 2π
///     ∂/∂μ_j = (a_j - μ_j)/σ_j²,   ∂/∂log σ_j = ((a_j - μ_j)/σ_j)² - 1,   ∂H/∂log σ_j = 1
final class DiagonalGaussian: Distribution {
  static let traits = PartTraits(name: "Gaussian", actions: .reals(.clipped), outputs: .meanAndLogStd)

  let part: ActionPart
  let logStd: LogStdSource
  let kernels: KernelSet

  init(_ part: ActionPart, _ setting: DistributionSetting) {
    self.part = part
    logStd = setting.logStd
    kernels = setting.kernels
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
    kernels.gaussian.sample(
      rows, part.size, head.outputs, logStds, scratch,
      actions, logProbabilities)
  }

  /// The mean.
  func mode(_ head: Head, rows: Int, actions: MutableRows) {
    for row in 0..<rows {
      (actions.base + row * actions.stride).update(
        from: head.outputs.base + row * head.outputs.stride, count: part.size)
    }
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: Rows, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    let logStds = head.logStds
    kernels.gaussian.logProbability(
      rows, part.size, head.outputs, logStds, actions,
      logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    let logStds = head.logStds
    kernels.gaussian.entropy(rows, part.size, logStds, entropies)
  }

  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    let (logStds, otherLogStds) = (head.logStds, other.logStds)
    kernels.gaussian.divergence(
      rows, part.size, head.outputs, logStds, other.outputs, otherLogStds, divergences)
  }

  func applyFisher(
    _ head: Head, rows: Int, outputTangents: MutableRows, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    let logStds = head.logStds
    let products = logStd.gradients(outputTangents, parameterProducts)
    let tangents = Rows(
      base: logStd.dependsOnState ? UnsafePointer(products.base) : parameterTangents, stride: products.stride)
    kernels.gaussian.fisher(
      rows, part.size, logStds, outputTangents, tangents, products)
  }

  func score(
    _ head: Head, rows: Int, actions: Rows, weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>,
    outputGradients: MutableRows, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    let logStds = head.logStds
    let logStdGradients = logStd.gradients(outputGradients, parameterGradients)
    kernels.gaussian.score(
      rows, part.size, head.outputs, logStds, actions,
      weights, entropyWeights, outputGradients, logStdGradients
    )
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int) throws(Refusal) {
    // If the stride is larger, columns of other parts lie between the rows.
    if actions.stride == part.size, kernels.isFinite(actions.base, rows * part.size) { return }
    try actions.check(rows: rows, columns: part.size, firstColumn: firstColumn, "be finite") { _ in true }
  }
}
