/// The size of an image of height × width × channels numbers, channels last.
package struct ImageShape: Equatable, Sendable {
  package var height: Int
  package var width: Int
  package var channels: Int

  package init(height: Int, width: Int, channels: Int) {
    (self.height, self.width, self.channels) = (height, width, channels)
  }

  var count: Int { height * width * channels }
  var pixels: Int { height * width }

  /// The same image with `padding` more pixels at each side.
  func padded(by padding: Int) -> ImageShape {
    ImageShape(height: height + 2 * padding, width: width + 2 * padding, channels: channels)
  }

  /// What square windows of `size` pixels at every `stride` pixels make of it: ⌊(n + 2 padding - size)/stride⌋ + 1 for
  /// a height or width of n, as in PyTorch.
  func windows(size: Int, stride: Int, padding: Int, channels: Int) -> ImageShape {
    let whole = padded(by: padding)
    return ImageShape(
      height: (whole.height - size) / stride + 1, width: (whole.width - size) / stride + 1, channels: channels)
  }
}
