import KernelShims

/// The outputs of a network that belong to one part, and that part's own parameters.
struct Head {
  let outputs: Rows
  let parameters: UnsafePointer<Float>
  /// Where a Gaussian part has its log standard deviations.
  let logStd: LogStdSource

  var logStds: Rows { logStd.values(outputs: outputs, parameters: parameters) }
}

/// Where a Gaussian part has its log standard deviations: parameters that no observation changes, one row for all
/// (a stride of 0), or the outputs after its means, held within [-20, 2].
struct LogStdSource: Sendable {
  let size: Int
  let dependsOnState: Bool

  var outputs: Int { dependsOnState ? 2 * size : size }
  var parameters: Int { dependsOnState ? 0 : size }

  func values(outputs: Rows, parameters: UnsafePointer<Float>) -> Rows {
    dependsOnState
      ? Rows(base: outputs.base + size, stride: outputs.stride) : Rows(base: parameters, stride: 0)
  }

  func gradients(_ outputGradients: MutableRows, _ parameterGradients: UnsafeMutablePointer<Float>) -> MutableRows {
    dependsOnState
      ? MutableRows(base: outputGradients.base + size, stride: outputGradients.stride)
      : MutableRows(base: parameterGradients, stride: 0)
  }
}
