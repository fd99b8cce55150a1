/// State-dependent exploration: the noise of a continuous action is a random linear function of the last hidden layer
/// φ. The function is kept for several steps, so equal states get equal noise and actions change smoothly.
///
///     a_j = μ_j + e^{b_j} Σ_k φ_k e^{s_kj} W_kj,   W_kj ~ N(0, 1)
///
/// Over the draws of W this is a Gaussian with the standard deviation σ_j = e^{b_j} √(Σ_k φ_k² e^{2 s_kj} + 10⁻⁶). The
/// last layer outputs log σ_j; s_kj and b_j are stored as the weights and the bias of that output. As in the paper, the
/// gradient of the deviation goes to s and b only, not to φ.
///
/// With `expln`, e^{s_kj} is e^s for s ≤ 0 and 1 + log(1 + s) above, which grows slower and has the same slope at 0.
/// - Source: Raffin, Kober & Stulp, "Smooth exploration for robotic reinforcement learning" (2021).
final class Exploration: Sendable {
  /// Outputs of the last layer that are log standard deviations.
  let columns: [Int]
  private let hasExpln: Bool
  private let layer: Dense
  private let kernels: KernelSet

  init(_ columns: [Int], of layer: Dense, hasExpln: Bool, _ kernels: KernelSet) {
    self.columns = columns
    self.hasExpln = hasExpln
    self.layer = layer
    self.kernels = kernels
  }

  /// What a forward pass keeps: ``deviations(_:)`` and ``variances(_:)``.
  var memory: LayerMemory { LayerMemory(perRow: columns.count, perPass: matrixSize) }

  /// e^{s_kj}, or expln(s_kj), inputs × columns.
  private func deviations(_ pass: LayerPass) -> UnsafeMutablePointer<Float> { pass.memory + pass.rows * columns.count }

  /// Σ_k φ_k² e^{2 s_kj} + 10⁻⁶, rows × columns.
  private func variances(_ pass: LayerPass) -> UnsafeMutablePointer<Float> { pass.memory }

  /// The position of s_kj in the parameter vector and in a gradient.
  @inline(__always) private func place(_ input: Int, _ column: Int) -> Int {
    layer.weight + input * layer.outputs + columns[column]
  }

  /// Writes log σ_j into the outputs.
  func forward(_ pass: LayerPass) {
    let count = columns.count
    let (deviations, variances) = (deviations(pass), variances(pass))
    for k in 0..<layer.inputs {
      for j in 0..<count { deviations[k * count + j] = pass.parameters[place(k, j)] }
    }
    kernels.mapExponential(deviations, deviations, layer.inputs * count)
    if hasExpln { flatten(deviations, pass) }
    for row in 0..<pass.rows {
      let (phi, sums) = (pass.inputs + row * layer.inputs, variances + row * count)
      sums.update(repeating: 1e-6, count: count)
      for k in 0..<layer.inputs {
        for j in 0..<count {
          let share = phi[k] * deviations[k * count + j]
          sums[j] += share * share
        }
      }
      for j in 0..<count {
        let bias = layer.bias.map { pass.parameters[$0 + columns[j]] } ?? 0
        pass.outputs[row * layer.outputs + columns[j]] = bias + 0.5 * log(sums[j])
      }
    }
  }

  /// Replaces e^s by 1 + log(1 + s) where s is above 0.
  private func flatten(_ deviations: UnsafeMutablePointer<Float>, _ pass: LayerPass) {
    for k in 0..<layer.inputs {
      for j in columns.indices {
        let s = pass.parameters[place(k, j)]
        if s > 0 { deviations[k * columns.count + j] = 1 + log(1 + s) }
      }
    }
  }

  /// Adds the gradients by s and b, given the gradients `delta` by the outputs. Sets the entries of log σ in `delta` to
  /// 0.
  func backward(
    _ pass: LayerPass, delta: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<pass.rows {
      for j in columns.indices {
        let slope = delta[row * layer.outputs + columns[j]]
        delta[row * layer.outputs + columns[j]] = 0
        if let bias = layer.bias { gradient[bias + columns[j]] += slope }
        for k in 0..<layer.inputs { gradient[place(k, j)] += slope * share(pass, k, row, j) }
      }
    }
  }

  /// Writes the derivative of log σ_j where s and b move along `direction`.
  func tangent(_ pass: LayerPass, along direction: UnsafePointer<Float>, tangents: UnsafeMutablePointer<Float>) {
    for row in 0..<pass.rows {
      for j in columns.indices {
        var sum = layer.bias.map { direction[$0 + columns[j]] } ?? 0
        for k in 0..<layer.inputs { sum += share(pass, k, row, j) * direction[place(k, j)] }
        tangents[row * layer.outputs + columns[j]] = sum
      }
    }
  }

  /// ∂ log σ_j / ∂ s_kj: the share of input k in the variance, times the derivative of the logarithm of its deviation.
  @inline(__always) private func share(_ pass: LayerPass, _ k: Int, _ row: Int, _ j: Int) -> Float {
    let deviation = deviations(pass)[k * columns.count + j]
    let part = pass.inputs[row * layer.inputs + k] * deviation
    let share = part * part / variances(pass)[row * columns.count + j]
    guard hasExpln, pass.parameters[place(k, j)] > 0 else { return share }
    return share / ((1 + pass.parameters[place(k, j)]) * deviation)
  }

  // MARK: Noise

  /// The number of elements of W.
  var matrixSize: Int { layer.inputs * columns.count }

  /// Writes (a_j - μ_j) / σ_j for each row and column. Each row has its own matrix W.
  ///
  /// - Parameters:
  ///   - pass: The pass of ``forward(_:)``.
  ///   - draws: The key of the matrices; the same key gives the same matrices.
  ///   - matrix: Room for ``matrixSize`` numbers.
  func drawNoise(
    _ pass: LayerPass, _ draws: DrawKey, matrix: UnsafeMutablePointer<Float>, into noise: UnsafeMutablePointer<Float>
  ) {
    let count = columns.count
    let (deviations, variances) = (deviations(pass), variances(pass))
    for row in 0..<pass.rows {
      kernels.normalDraws(draws.seed, draws.stream, draws.step, draws.firstRow + row, 1, matrixSize, matrix)
      let (phi, sums) = (pass.inputs + row * layer.inputs, noise + row * count)
      sums.update(repeating: 0, count: count)
      for k in 0..<layer.inputs {
        for j in 0..<count { sums[j] += phi[k] * deviations[k * count + j] * matrix[k * count + j] }
      }
      for j in 0..<count { sums[j] /= variances[row * count + j].squareRoot() }
    }
  }
}
