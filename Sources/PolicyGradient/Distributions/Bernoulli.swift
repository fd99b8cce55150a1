import KernelShims

/// Independent bits, each 1 with probability p_j = 1/(1 + exp -z_j).
///
///     log π(a) = Σ_j a_j log p_j + (1 - a_j) log (1 - p_j),   ∂log π/∂z_j = a_j - p_j,   ∂H/∂z_j = -z_j p_j (1 - p_j)
final class Bernoulli: LogitDistribution {
  static let traits = PartTraits(name: "Bernoulli", actions: .bits, outputs: .one)

  let part: ActionPart
  let kernels: KernelSet

  init(_ part: ActionPart, _ setting: DistributionSetting) {
    self.part = part
    kernels = setting.kernels
  }

  var logitKernels: KernelSet.Logits { kernels.bernoulli }

  /// 1 where p > ½, else 0.
  func mode(_ head: Head, rows: Int, actions: MutableRows) {
    for row in 0..<rows {
      let logits = head.outputs.base + row * head.outputs.stride
      for column in 0..<part.size { actions.base[row * actions.stride + column] = logits[column] > 0 ? 1 : 0 }
    }
  }

  func check(_ actions: Rows, rows: Int, firstColumn: Int) throws(Refusal) {
    try actions.check(rows: rows, columns: part.size, firstColumn: firstColumn, "be 0 or 1") { $0 == 0 || $0 == 1 }
  }
}
