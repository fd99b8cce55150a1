import Foundation

@testable import PolicyGradient

/// Convolutions and maxima in double precision, as sums over pixels; one image at a time.
enum ReferenceImages {
  /// y[i, j, o] = f(b[o] + Σ x[stride i + u - padding, stride j + v - padding, c] W[u, v, c, o]), where pixels outside
  /// the image are 0. Takes W and b from `parameters`, which it shortens by them.
  static func convolution(
    _ x: [Double], _ image: ImageShape, _ filter: ConvolutionFilter, _ parameters: inout ArraySlice<Double>,
    hasBias: Bool = true, activation: (Double) -> Double
  ) -> [Double] {
    let depth = filter.kernel * filter.kernel * image.channels
    let weight = Array(parameters.prefix(depth * filter.channels))
    parameters = parameters.dropFirst(weight.count)
    let bias = hasBias ? Array(parameters.prefix(filter.channels)) : [Double](repeating: 0, count: filter.channels)
    if hasBias { parameters = parameters.dropFirst(filter.channels) }
    let output = filter.output(of: image)
    var result: [Double] = []
    for i in 0..<output.height {
      for j in 0..<output.width {
        var sums = bias
        for u in 0..<filter.kernel {
          for v in 0..<filter.kernel {
            let (row, column) = (filter.stride * i + u - filter.padding, filter.stride * j + v - filter.padding)
            guard (0..<image.height).contains(row), (0..<image.width).contains(column) else { continue }
            for c in 0..<image.channels {
              let pixel = x[(row * image.width + column) * image.channels + c]
              let place = ((u * filter.kernel + v) * image.channels + c) * filter.channels
              for o in 0..<filter.channels { sums[o] += pixel * weight[place + o] }
            }
          }
        }
        result += sums.map(activation)
      }
    }
    return result
  }

  static func maxPool(_ x: [Double], _ image: ImageShape, size: Int, stride: Int, padding: Int) -> [Double] {
    let output = image.windows(size: size, stride: stride, padding: padding, channels: image.channels)
    var result: [Double] = []
    for i in 0..<output.height {
      for j in 0..<output.width {
        for c in 0..<image.channels {
          var largest = -Double.infinity
          for row in max(0, stride * i - padding)..<min(image.height, stride * i - padding + size) {
            for column in max(0, stride * j - padding)..<min(image.width, stride * j - padding + size) {
              largest = max(largest, x[(row * image.width + column) * image.channels + c])
            }
          }
          result.append(largest)
        }
      }
    }
    return result
  }

  /// x + conv₂(relu(conv₁(relu(x)))).
  static func residualBlock(_ x: [Double], _ image: ImageShape, _ parameters: inout ArraySlice<Double>) -> [Double] {
    let filter = ConvolutionFilter(channels: image.channels, kernel: 3, padding: 1)
    let hidden = convolution(x.map { max($0, 0) }, image, filter, &parameters) { max($0, 0) }
    return zip(x, convolution(hidden, image, filter, &parameters) { $0 }).map { $0 + $1 }
  }

  /// All layers of an encoder with biases.
  static func encode(_ encoder: Encoder, _ observation: [Double], _ image: ImageShape, _ parameters: [Double])
    -> [Double]
  {
    var (x, shape, left) = (observation, image, parameters[...])
    for stage in encoder.stages {
      switch stage {
      case .convolution(let filter):
        x = convolution(x, shape, filter, &left) { max($0, 0) }
      case .residual(let channels):
        let filter = ConvolutionFilter(channels: channels, kernel: 3, padding: 1)
        x = convolution(x, shape, filter, &left) { $0 }
        shape.channels = channels
        x = maxPool(x, shape, size: 3, stride: 2, padding: 1)
        shape = stage.output(of: shape)
        for _ in 0..<2 { x = residualBlock(x, shape, &left) }
        continue
      }
      shape = stage.output(of: shape)
    }
    let weight = Array(left.prefix(x.count * encoder.size))
    var sums = Array(left.dropFirst(weight.count).prefix(encoder.size))
    for (i, value) in x.enumerated() where value > 0 {
      for j in 0..<encoder.size { sums[j] += value * weight[i * encoder.size + j] }
    }
    return sums.map { max($0, 0) }
  }
}
