import KernelShims
import KernelsAVX2

/// Log-probabilities, scores and samples of 1,024 rows, and the draws they need.
func registerDistributions() {
  for choices in [2, 6, 64] { registerCategorical(choices) }
  registerGaussian()
  kernel("uniform draws, 1,024", floats: 1024) { uniformDraws(1, 2, 3, 0, 1024, 1, $0) }
  kernel("normal draws, 1,024 × 6", floats: 1024 * 6) { normalDraws(1, 2, 3, 0, 1024, 6, $0) }
}

private func registerCategorical(_ choices: Int) {
  let rows = 1024
  // Logits, a column that is an action as well as a uniform draw, and results.
  let floats = rows * (2 * choices + 3)
  let column = rows * choices
  let second = { @Sendable (logits: Floats) in (logits + column).update(repeating: 1, count: rows) }
  kernel("categorical log π, \(choices) choices", floats: floats, prepare: second) { logits in
    let actions = logits + column
    let result = actions + rows
    result.update(repeating: 0, count: rows)
    categoricalLogProbability(
      rows, choices, Rows(base: logits, stride: choices), Rows(base: actions, stride: 1), result)
  }
  kernel("categorical score, \(choices) choices", floats: floats, prepare: second) { logits in
    let actions = logits + column
    let weights = actions + rows
    categoricalScore(
      rows, choices, Rows(base: logits, stride: choices), Rows(base: actions, stride: 1), weights, weights,
      MutableRows(base: weights + rows, stride: choices))
  }
  kernel("categorical sample, \(choices) choices", floats: floats) { logits in
    (logits + column).update(repeating: 0.6, count: rows)
  } call: { logits in
    let uniforms = logits + column
    let result = uniforms + 2 * rows
    result.update(repeating: 0, count: rows)
    categoricalSample(
      rows, choices, Rows(base: logits, stride: choices), uniforms, MutableRows(base: uniforms + rows, stride: 1),
      result)
  }
}

private func registerGaussian() {
  let (rows, columns) = (1024, 6)
  kernel("Gaussian log π, 6 columns", floats: rows * (2 * columns + 1) + columns) { mean in
    let actions = mean + rows * columns
    let result = actions + rows * columns
    result.update(repeating: 0, count: rows)
    gaussianLogProbability(
      rows, columns, Rows(base: mean, stride: columns), Rows(base: result + rows, stride: 0),
      Rows(base: actions, stride: columns), result)
  }
  kernel("Gaussian sample, 6 columns", floats: rows * (3 * columns + 1) + columns) { mean in
    let normals = mean + rows * columns
    let actions = normals + rows * columns
    let result = actions + rows * columns
    result.update(repeating: 0, count: rows)
    gaussianSample(
      rows, columns, Rows(base: mean, stride: columns), Rows(base: result + rows, stride: 0), normals,
      MutableRows(base: actions, stride: columns), result)
  }
}
