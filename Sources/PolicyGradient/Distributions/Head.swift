import KernelShims

/// The outputs of a network that belong to one part, and that part's own parameters.
struct Head {
  let outputs: Rows
  let parameters: UnsafePointer<Float>
  /// The source of a Gaussian part's log standard deviations.
  let logStd: LogStdSource

  var logStds: Rows { logStd.values(outputs: outputs, parameters: parameters) }
}

/// The source of a Gaussian part's log standard deviations: either parameters that do not depend on the observation
/// (one row for all, with a stride of 0), or the network outputs after the means, clamped to [-20, 2].
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
