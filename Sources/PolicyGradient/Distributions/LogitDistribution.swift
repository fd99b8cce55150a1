/// A distribution over choices or bits, whose outputs are logits and which has no parameters of its own.
protocol LogitDistribution: Distribution {
  var kernels: KernelSet { get }
  var logitKernels: KernelSet.Logits { get }
}

extension LogitDistribution {
  var outputs: Int { part.size }
  var parameters: Int { 0 }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: Columns, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.uniformDraws(draws.seed, draws.stream, draws.step, draws.firstRow, rows, part.columns, scratch)
    logitKernels.sample(
      rows, part.size, head.outputs.base, head.outputs.stride, scratch, actions.base, actions.stride, logProbabilities)
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: ReadColumns, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logitKernels.logProbability(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride, logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    logitKernels.entropy(rows, part.size, head.outputs.base, head.outputs.stride, entropies)
  }

  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    logitKernels.divergence(
      rows, part.size, head.outputs.base, head.outputs.stride, other.outputs.base, other.outputs.stride, divergences)
  }

  func applyFisher(
    _ head: Head, rows: Int, outputTangents: Columns, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    logitKernels.fisher(
      rows, part.size, head.outputs.base, head.outputs.stride, outputTangents.base, outputTangents.stride)
  }

  func score(
    _ head: Head, rows: Int, actions: ReadColumns, weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>,
    outputGradients: Columns, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    logitKernels.score(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride, weights, entropyWeights,
      outputGradients.base, outputGradients.stride)
  }
}
