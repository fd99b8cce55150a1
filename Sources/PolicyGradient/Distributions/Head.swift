/// The outputs of a network that belong to one part, and that part's own parameters.
struct Head {
  let outputs: ReadColumns
  let parameters: UnsafePointer<Float>
  /// Where a Gaussian part has its log standard deviations.
  let logStd: LogStdPlace

  var logStds: ReadColumns { logStd.values(outputs: outputs, parameters: parameters) }
}

/// Where a Gaussian part has its log standard deviations: parameters that no observation changes, one row for all
/// (a stride of 0), or the outputs after its means, held within [-20, 2].
struct LogStdPlace: Sendable {
  let size: Int
  let dependsOnState: Bool

  var outputs: Int { dependsOnState ? 2 * size : size }
  var parameters: Int { dependsOnState ? 0 : size }

  func values(outputs: ReadColumns, parameters: UnsafePointer<Float>) -> ReadColumns {
    dependsOnState
      ? ReadColumns(base: outputs.base + size, stride: outputs.stride) : ReadColumns(base: parameters, stride: 0)
  }

  func gradients(_ outputGradients: Columns, _ parameterGradients: UnsafeMutablePointer<Float>) -> Columns {
    dependsOnState
      ? Columns(base: outputGradients.base + size, stride: outputGradients.stride)
      : Columns(base: parameterGradients, stride: 0)
  }
}
