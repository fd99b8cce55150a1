import KernelShims

/// A distribution over choices or bits. Its outputs are logits, and it has no parameters of its own.
protocol LogitDistribution: Distribution {
  var kernels: KernelSet { get }
  var logitKernels: KernelSet.Logits { get }
}

extension LogitDistribution {
  var outputs: Int { part.size }
  var parameters: Int { 0 }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: MutableRows, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.uniformDraws(draws.seed, draws.stream, draws.step, draws.firstRow, rows, part.columns, scratch)
    logitKernels.sample(
      rows, part.size, head.outputs, scratch, actions, logProbabilities)
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: Rows, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logitKernels.logProbability(
      rows, part.size, head.outputs, actions, logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    logitKernels.entropy(rows, part.size, head.outputs, entropies)
  }

  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    logitKernels.divergence(
      rows, part.size, head.outputs, other.outputs, divergences)
  }

  func applyFisher(
    _ head: Head, rows: Int, outputTangents: MutableRows, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    logitKernels.fisher(
      rows, part.size, head.outputs, outputTangents)
  }

  func score(
    _ head: Head, rows: Int, actions: Rows, weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>,
    outputGradients: MutableRows, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    logitKernels.score(
      rows, part.size, head.outputs, actions, weights, entropyWeights,
      outputGradients)
  }
}
