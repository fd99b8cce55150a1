import KernelShims

/// The patches of images that the square kernel of a convolution visits, row by row.
///
/// A patch is not copied: its lines are read where they lie in the image. Only padding needs a copy of the image, with
/// zeros around it.
struct PatchGrid: Sendable {
  let image: ImageShape
  /// With the padding.
  let padded: ImageShape
  let kernel: Int
  let padding: Int
  /// Height × width of the patches of an image.
  let output: ImageShape
  /// How many images pass together: as many as stay in the second-level cache, if their patches are few.
  let groupSize: Int
  /// Where the patches of a group begin.
  private let offsets: [Int]

  init(_ image: ImageShape, kernel: Int, stride: Int, padding: Int) {
    let padded = image.padded(by: padding)
    let output = image.windows(size: kernel, stride: stride, padding: padding, channels: 1)
    let groupSize = max(1, min(65_536 / padded.count, 512 / output.pixels))
    self.image = image
    self.padded = padded
    self.kernel = kernel
    self.padding = padding
    self.output = output
    self.groupSize = groupSize
    var offsets: [Int] = []
    offsets.reserveCapacity(groupSize * output.pixels)
    for image in 0..<groupSize {
      for i in 0..<output.height {
        for j in 0..<output.width {
          offsets.append(image * padded.count + (i * stride * padded.width + j * stride) * padded.channels)
        }
      }
    }
    self.offsets = offsets
  }

  /// Floats in a patch.
  var depth: Int { kernel * kernel * image.channels }
  /// Patches of an image.
  var patches: Int { output.pixels }
  /// Floats for a group of padded images; 0 without padding.
  var scratchCount: Int { padding == 0 ? 0 : groupSize * padded.count }

  /// The patches of padded images from the `first` on.
  func withPatches(
    of images: UnsafePointer<Float>, from first: Int = 0, _ body: (UnsafePointer<Patches>) -> Void
  ) {
    offsets.withUnsafeBufferPointer { offsets in
      guard let start = offsets.baseAddress else { return }
      var patches = Patches(
        base: images, offsets: start + first, lines: kernel, lineLength: kernel * image.channels,
        lineStride: padded.width * padded.channels)
      body(&patches)
    }
  }

  /// The images with zeros around them, in `scratch`; the images themselves without padding.
  func pad(_ images: UnsafePointer<Float>, count: Int, in scratch: UnsafeMutablePointer<Float>) -> UnsafePointer<Float>
  {
    guard padding > 0 else { return images }
    scratch.update(repeating: 0, count: count * padded.count)
    forEachLine(count) { line, place, length in (scratch + place).update(from: images + line, count: length) }
    return UnsafePointer(scratch)
  }

  /// Adds the inner part of padded images to images.
  func addUnpadded(
    _ source: UnsafePointer<Float>, count: Int, to images: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    forEachLine(count) { line, place, length in kernels.addScaled(images + line, source + place, 1, length) }
  }

  /// Every line of images, and its place in the padded images.
  private func forEachLine(_ count: Int, _ body: (_ line: Int, _ place: Int, _ length: Int) -> Void) {
    let length = image.width * image.channels
    for i in 0..<count {
      for row in 0..<image.height {
        let place = i * padded.count + ((row + padding) * padded.width + padding) * padded.channels
        body((i * image.height + row) * length, place, length)
      }
    }
  }
}

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
