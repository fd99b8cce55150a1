/// The outputs of a network that belong to one part, and that part's own parameters.
struct Head {
  let outputs: ReadColumns
  let parameters: UnsafePointer<Float>
  /// Where a Gaussian part has its log standard deviations.
  let logStd: LogStdPlace

  var logStds: ReadColumns { logStd.values(outputs: outputs, parameters: parameters) }
}
