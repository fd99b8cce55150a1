import CPGrad
import PolicyGradient

/// Converts the convolutions of an encoder from C. The engine checks their sizes.
func readConvolutions(
  _ convolutions: UnsafePointer<pgrad_convolution>?, _ count: Int64
) throws(Refusal) -> [ConvolutionFilter] {
  try require(count, in: 0...Int64(Limits.layers), "convolution_count")
  guard count > 0 else { return [] }
  return UnsafeBufferPointer(start: try nonNull(convolutions, "convolutions"), count: Int(count)).map {
    ConvolutionFilter(
      channels: Int($0.filters), kernel: Int($0.kernel), stride: Int($0.stride), padding: Int($0.padding))
  }
}

extension pgrad_convolution {
  init(_ filter: ConvolutionFilter) {
    self.init(
      filters: Int32(filter.channels), kernel: Int32(filter.kernel), stride: Int32(filter.stride),
      padding: Int32(filter.padding))
  }
}
