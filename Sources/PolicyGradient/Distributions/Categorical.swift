import KernelShims

/// One of `size` choices, with probabilities softmax(logits).
///
///     log π(a) = z_a - log Σ_j exp z_j,   ∂log π(a)/∂z_j = 1[j = a] - p_j,   ∂H/∂z_j = -p_j (log p_j + H)
final class Categorical: LogitDistribution {
  static let traits = PartTraits(name: "categorical", actions: .choice, outputs: .one)

  let part: ActionPart
  let kernels: KernelSet

  init(_ part: ActionPart, _ setting: DistributionSetting) {
    self.part = part
    kernels = setting.kernels
  }

  var logitKernels: KernelSet.Logits { kernels.categorical }

  func mode(_ head: Head, rows: Int, actions: MutableRows) {
    kernels.categoricalMode(
      rows, part.size, head.outputs, actions)
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int) throws(Refusal) {
    let last = Float(part.size - 1)
    guard !kernels.areChoices(rows, actions, last) else { return }
    try actions.check(
      rows: rows, columns: 1, firstColumn: firstColumn, "be a whole number from 0 to \(part.size - 1)"
    ) { $0 >= 0 && $0 <= last && $0 == $0.rounded(.towardZero) }
  }
}
