/// Independent normal columns: means from the network, log standard deviations as parameters that no observation changes.
///
///     log π(a) = Σ_j -½((a_j - μ_j)/σ_j)² - log σ_j - ½ log 2π
///     ∂/∂μ_j = (a_j - μ_j)/σ_j²,   ∂/∂log σ_j = ((a_j - μ_j)/σ_j)² - 1,   ∂H/∂log σ_j = 1
struct DiagonalGaussian: Distribution {
  let part: ActionPart
  let kernels: KernelSet

  var outputs: Int { part.size }
  var parameters: Int { part.size }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: Columns, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.normalDraws(draws.seed, draws.stream, draws.step, draws.firstRow, rows, part.size, scratch)
    kernels.gaussianSample(
      rows, part.size, head.outputs.base, head.outputs.stride, head.parameters, 0, scratch,
      actions.base, actions.stride, logProbabilities)
  }

  func mode(_ head: Head, rows: Int, actions: Columns) {
    for row in 0..<rows {
      (actions.base + row * actions.stride).update(
        from: head.outputs.base + row * head.outputs.stride, count: part.size)
    }
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: ReadColumns, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.gaussianLogProbability(
      rows, part.size, head.outputs.base, head.outputs.stride, head.parameters, 0, actions.base, actions.stride,
      logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    kernels.gaussianEntropy(rows, part.size, head.parameters, 0, entropies)
  }

  func score(
    _ head: Head, rows: Int, actions: ReadColumns, weights: UnsafePointer<Float>, entropyWeight: Float,
    outputGradients: Columns, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    kernels.gaussianScore(
      rows, part.size, head.outputs.base, head.outputs.stride, head.parameters, 0, actions.base, actions.stride,
      weights, entropyWeight, outputGradients.base, outputGradients.stride, parameterGradients, 0)
  }

  func check(_ actions: ReadColumns, rows: Int, firstColumn: Int) throws(Refusal) {
    for row in 0..<rows {
      for column in 0..<part.size {
        let action = actions.base[row * actions.stride + column]
        guard action.isFinite else {
          throw Refusal(
            .notFinite, "actions[\(row), \(firstColumn + column)] is \(action); it must be finite")
        }
      }
    }
  }
}
