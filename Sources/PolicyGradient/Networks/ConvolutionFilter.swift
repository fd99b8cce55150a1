/// The kernel of a convolution: square, with zeros as padding.
package struct ConvolutionFilter: Equatable, Sendable {
  /// Output channels.
  package var channels: Int
  /// The height and width of the kernel.
  package var kernel: Int
  package var stride: Int
  /// Zeros at each side of the image; fewer than ``kernel``.
  package var padding: Int

  package init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
    (self.channels, self.kernel, self.stride, self.padding) = (channels, kernel, stride, padding)
  }

  /// Refuses sizes out of range.
  func validate(_ name: String) throws(Refusal) {
    try require(channels, in: 1...Limits.size, "\(name).filters")
    try require(kernel, in: 1...256, "\(name).kernel")
    try require(stride, in: 1...256, "\(name).stride")
    try require(padding, in: 0...kernel - 1, "\(name).padding")
  }

  func output(of image: ImageShape) -> ImageShape {
    image.windows(size: kernel, stride: stride, padding: padding, channels: channels)
  }
}
