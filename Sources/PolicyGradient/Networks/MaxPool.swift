import KernelShims

/// The largest number of each window of an image, separately for each channel. Pixels outside the image do not count.
final class MaxPool: Layer {
  let outputShape: ImageShape
  private let windows: Windows
  private let kernels: KernelSet

  init(image: ImageShape, size: Int, stride: Int, padding: Int, _ kernels: KernelSet) {
    outputShape = image.windows(size: size, stride: stride, padding: padding, channels: image.channels)
    windows = Windows(
      height: image.height, width: image.width, channels: image.channels, outputHeight: outputShape.height,
      outputWidth: outputShape.width, size: size, stride: stride, padding: padding)
    self.kernels = kernels
  }

  var inputs: Int { windows.height * windows.width * windows.channels }
  var outputs: Int { outputShape.count }
  var tensors: [Tensor] { [] }
  var memory: LayerMemory { LayerMemory() }
  var preparedCount: Int { 0 }
  var slope: KernelSet.MultiplyThroughSlope? { nil }

  func forward(_ pass: LayerPass) {
    withUnsafePointer(to: windows) { kernels.maxPoolForward(pass.rows, $0, pass.inputs, pass.outputs) }
  }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {}

  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    guard let below = gradients.inputs else { return }
    if !below.accumulates { below.target.update(repeating: 0, count: pass.rows * inputs) }
    withUnsafePointer(to: windows) {
      kernels.maxPoolBackward(pass.rows, $0, pass.inputs, pass.outputs, gradients.outputs, below.target)
    }
    below.applySlope(at: pass.inputs, rows: 0..<pass.rows, columns: inputs)
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    guard let tangentsBelow else { return tangents.update(repeating: 0, count: pass.rows * outputs) }
    withUnsafePointer(to: windows) {
      kernels.maxPoolTangent(pass.rows, $0, pass.inputs, pass.outputs, tangentsBelow, tangents)
    }
  }
}
