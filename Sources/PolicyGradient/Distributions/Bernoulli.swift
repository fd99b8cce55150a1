/// Independent bits, each 1 with probability p_j = 1/(1 + exp -z_j).
///
///     log π(a) = Σ_j a_j log p_j + (1 - a_j) log (1 - p_j),   ∂log π/∂z_j = a_j - p_j,   ∂H/∂z_j = -z_j p_j (1 - p_j)
struct Bernoulli: Distribution {
  let part: ActionPart
  let kernels: KernelSet

  var outputs: Int { part.size }
  var parameters: Int { 0 }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: Columns, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.uniformDraws(draws.seed, draws.stream, draws.step, draws.firstRow, rows, part.size, scratch)
    kernels.bernoulli.sample(
      rows, part.size, head.outputs.base, head.outputs.stride, scratch, actions.base, actions.stride, logProbabilities)
  }

  /// 1 where that is the likelier, 0 elsewhere and where both are as likely.
  func mode(_ head: Head, rows: Int, actions: Columns) {
    for row in 0..<rows {
      let logits = head.outputs.base + row * head.outputs.stride
      for column in 0..<part.size { actions.base[row * actions.stride + column] = logits[column] > 0 ? 1 : 0 }
    }
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: ReadColumns, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.bernoulli.logProbability(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride, logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    kernels.bernoulli.entropy(rows, part.size, head.outputs.base, head.outputs.stride, entropies)
  }

  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    kernels.bernoulli.divergence(
      rows, part.size, head.outputs.base, head.outputs.stride, other.outputs.base, other.outputs.stride, divergences)
  }

  func applyFisher(
    _ head: Head, rows: Int, outputTangents: Columns, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    kernels.bernoulli.fisher(
      rows, part.size, head.outputs.base, head.outputs.stride, outputTangents.base, outputTangents.stride)
  }

  func score(
    _ head: Head, rows: Int, actions: ReadColumns, weights: UnsafePointer<Float>, entropyWeight: Float,
    outputGradients: Columns, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    kernels.bernoulli.score(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride, weights, entropyWeight,
      outputGradients.base, outputGradients.stride)
  }

  func check(_ actions: ReadColumns, rows: Int, firstColumn: Int) throws(Refusal) {
    try actions.check(rows: rows, columns: part.size, firstColumn: firstColumn, "be 0 or 1") { $0 == 0 || $0 == 1 }
  }
}
