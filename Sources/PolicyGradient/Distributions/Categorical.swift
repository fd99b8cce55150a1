/// One of `size` choices, with probabilities softmax(logits).
///
///     log π(a) = z_a - log Σ_j exp z_j,   ∂log π(a)/∂z_j = 1[j = a] - p_j,   ∂H/∂z_j = -p_j (log p_j + H)
struct Categorical: Distribution {
  let part: ActionPart
  let kernels: KernelSet

  var outputs: Int { part.size }
  var parameters: Int { 0 }

  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: Columns, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.uniformDraws(draws.seed, draws.stream, draws.step, draws.firstRow, rows, 1, scratch)
    kernels.categorical.sample(
      rows, part.size, head.outputs.base, head.outputs.stride, scratch, actions.base, actions.stride, logProbabilities)
  }

  func mode(_ head: Head, rows: Int, actions: Columns) {
    kernels.categoricalMode(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride)
  }

  func addLogProbability(
    _ head: Head, rows: Int, actions: ReadColumns, to logProbabilities: UnsafeMutablePointer<Float>
  ) {
    kernels.categorical.logProbability(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride, logProbabilities)
  }

  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>) {
    kernels.categorical.entropy(rows, part.size, head.outputs.base, head.outputs.stride, entropies)
  }

  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>) {
    kernels.categorical.divergence(
      rows, part.size, head.outputs.base, head.outputs.stride, other.outputs.base, other.outputs.stride, divergences)
  }

  func applyFisher(
    _ head: Head, rows: Int, outputTangents: Columns, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    kernels.categorical.fisher(
      rows, part.size, head.outputs.base, head.outputs.stride, outputTangents.base, outputTangents.stride)
  }

  func score(
    _ head: Head, rows: Int, actions: ReadColumns, weights: UnsafePointer<Float>, entropyWeight: Float,
    outputGradients: Columns, parameterGradients: UnsafeMutablePointer<Float>
  ) {
    kernels.categorical.score(
      rows, part.size, head.outputs.base, head.outputs.stride, actions.base, actions.stride, weights, entropyWeight,
      outputGradients.base, outputGradients.stride)
  }

  func check(_ actions: ReadColumns, rows: Int, firstColumn: Int) throws(Refusal) {
    let last = Float(part.size - 1)
    guard !kernels.areChoices(rows, actions.base, actions.stride, last) else { return }
    try actions.check(
      rows: rows, columns: 1, firstColumn: firstColumn, "be a whole number from 0 to \(part.size - 1)"
    ) { $0 >= 0 && $0 <= last && $0 == $0.rounded(.towardZero) }
  }
}
