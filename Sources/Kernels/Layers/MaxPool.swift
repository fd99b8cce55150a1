import KernelShims

// Maxima over windows of images, separately for each channel. Pixels outside the image do not count.
//
// If several pixels of a window hold the maximum, the derivative follows the first of them, row by row.

/// Writes the maximum of each window of `count` images; NaN if a pixel is NaN.
public func maxPoolForward(
  _ count: Int, _ windows: UnsafePointer<Windows>, _ images: UnsafePointer<Float>,
  _ outputs: UnsafeMutablePointer<Float>
) {
  let channels = windows.pointee.channels
  forEachWindow(count, windows) { window, output in
    var c = 0
    while c < channels {
      let left = channels - c
      var largest = loadPartial(images + window.first + c, left)
      window.forEachPixel { pixel in
        let x = loadPartial(images + pixel + c, left)
        // NaN wherever a pixel is NaN.
        largest = kernel_select8(kernel_equal8(x, x), kernel_max8(largest, x), x)
      }
      storePartial(largest, outputs + output + c, left)
      c += 8
    }
  }
}

/// Adds the gradient of each window to the pixel that holds its maximum.
public func maxPoolBackward(
  _ count: Int, _ windows: UnsafePointer<Windows>, _ images: UnsafePointer<Float>, _ outputs: UnsafePointer<Float>,
  _ outputGradients: UnsafePointer<Float>, _ imageGradients: UnsafeMutablePointer<Float>
) {
  let channels = windows.pointee.channels
  forEachWindow(count, windows) { window, output in
    var c = 0
    while c < channels {
      let left = channels - c
      let largest = loadPartial(outputs + output + c, left)
      // What is left to give: the gradient until the maximum is found, then 0.
      var gradient = loadPartial(outputGradients + output + c, left)
      window.forEachPixel { pixel in
        let isLargest = kernel_equal8(loadPartial(images + pixel + c, left), largest)
        let share = kernel_select8(isLargest, gradient, broadcast(0))
        gradient = kernel_select8(isLargest, broadcast(0), gradient)
        storePartial(loadPartial(imageGradients + pixel + c, left) + share, imageGradients + pixel + c, left)
      }
      c += 8
    }
  }
}

/// Writes the tangent of each window's maximum: the tangent of the pixel that holds it.
public func maxPoolTangent(
  _ count: Int, _ windows: UnsafePointer<Windows>, _ images: UnsafePointer<Float>, _ outputs: UnsafePointer<Float>,
  _ imageTangents: UnsafePointer<Float>, _ outputTangents: UnsafeMutablePointer<Float>
) {
  let channels = windows.pointee.channels
  forEachWindow(count, windows) { window, output in
    var c = 0
    while c < channels {
      let left = channels - c
      let largest = loadPartial(outputs + output + c, left)
      var (tangent, isFound) = (broadcast(0), Mask(repeating: 0))
      window.forEachPixel { pixel in
        let isLargest = kernel_equal8(loadPartial(images + pixel + c, left), largest)
        tangent = kernel_select8(isLargest & ~isFound, loadPartial(imageTangents + pixel + c, left), tangent)
        isFound |= isLargest
      }
      storePartial(tangent, outputTangents + output + c, left)
      c += 8
    }
  }
}

/// The pixels of a window that lie in the image.
private struct Window {
  /// The position of the first one's first channel.
  let first: Int
  let rows: Int
  let columns: Int
  let rowStride: Int
  let channels: Int

  @inline(__always) func forEachPixel(_ body: (_ position: Int) -> Void) {
    for row in 0..<rows {
      for column in 0..<columns { body(first + row * rowStride + column * channels) }
    }
  }
}

/// All windows of all images, and the position of each one's first output.
@inline(__always) private func forEachWindow(
  _ count: Int, _ pointer: UnsafePointer<Windows>, _ body: (_ window: Window, _ output: Int) -> Void
) {
  let windows = pointer.pointee
  let rowStride = windows.width * windows.channels
  var output = 0
  for image in 0..<count {
    for i in 0..<windows.outputHeight {
      let top = max(0, i * windows.stride - windows.padding)
      let bottom = min(windows.height, i * windows.stride - windows.padding + windows.size)
      for j in 0..<windows.outputWidth {
        let start = max(0, j * windows.stride - windows.padding)
        let end = min(windows.width, j * windows.stride - windows.padding + windows.size)
        let window = Window(
          first: (image * windows.height + top) * rowStride + start * windows.channels, rows: bottom - top,
          columns: end - start, rowStride: rowStride, channels: windows.channels)
        body(window, output)
        output += windows.channels
      }
    }
  }
}
