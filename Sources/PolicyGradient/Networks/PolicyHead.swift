/// The policy's last layer: a dense layer, whose outputs are the inputs of the action distributions.
///
/// It may scale the means of bounded Gaussians to their range (``OutputScaling``), and compute log standard deviations
/// for state-dependent exploration (``Exploration``).
final class PolicyHead: Layer {
  let dense: Dense
  let exploration: Exploration?
  private let scaling: OutputScaling?

  init(_ dense: Dense, scaling: OutputScaling?, exploration: Exploration?) {
    self.dense = dense
    self.scaling = scaling
    self.exploration = exploration
  }

  var inputs: Int { dense.inputs }
  var outputs: Int { dense.outputs }
  var tensors: [Tensor] { dense.tensors }
  var memory: LayerMemory { exploration?.memory ?? LayerMemory() }
  var preparedCount: Int { dense.preparedCount }
  var slope: KernelSet.MultiplyThroughSlope? { nil }

  func forward(_ pass: LayerPass) {
    dense.forward(pass)
    scaling?.apply(pass.outputs, rows: pass.rows, stride: outputs)
    exploration?.forward(pass)
  }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    dense.prepare(parameters, into: prepared)
  }

  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    scaling?.applySlope(gradients.outputs, rows: pass.rows, stride: outputs)
    exploration?.backward(pass, delta: gradients.outputs, gradient: gradients.parameters)
    dense.backward(pass, gradients)
  }

  func tangent(
    _ pass: LayerPass, along direction: UnsafePointer<Float>, inputs tangentsBelow: UnsafePointer<Float>?,
    into tangents: UnsafeMutablePointer<Float>
  ) {
    dense.tangent(pass, along: direction, inputs: tangentsBelow, into: tangents)
    scaling?.applySlope(tangents, rows: pass.rows, stride: outputs)
    exploration?.tangent(pass, along: direction, tangents: tangents)
  }
}

/// Scales network outputs x to the bounds: y = middle + half · x, where half is half of the range. So initial weights
/// of the usual size suit bounds of any size.
final class OutputScaling: Sendable {
  private let columns: [Int]
  private let middles: [Float]
  private let halves: [Float]

  /// Scales the means of bounded Gaussian parts; `nil` without any.
  init?(_ space: ActionSpace) {
    var (columns, middles, halves): ([Int], [Float], [Float]) = ([], [], [])
    for (part, first) in zip(space.parts, space.firstOutputs) {
      guard let half = part.halfRange else { continue }
      columns += first..<first + part.size
      middles += [Float](repeating: part.low + half, count: part.size)
      halves += [Float](repeating: half, count: part.size)
    }
    guard !columns.isEmpty else { return nil }
    self.columns = columns
    self.middles = middles
    self.halves = halves
  }

  /// Scales outputs, in place.
  func apply(_ outputs: UnsafeMutablePointer<Float>, rows: Int, stride: Int) {
    for row in 0..<rows {
      for (place, column) in columns.enumerated() {
        outputs[row * stride + column] = middles[place] + halves[place] * outputs[row * stride + column]
      }
    }
  }

  /// Multiplies by the derivative: turns gradients by y into gradients by x, and tangents of x into tangents of y.
  func applySlope(_ slopes: UnsafeMutablePointer<Float>, rows: Int, stride: Int) {
    for row in 0..<rows {
      for (place, column) in columns.enumerated() { slopes[row * stride + column] *= halves[place] }
    }
  }
}

extension ActionPart {
  /// Half of the range of a part whose draws are clipped to finite bounds; `nil` for others.
  var halfRange: Float? {
    guard kind.distribution.traits.isClipped, low > -.infinity, high < .infinity else { return nil }
    return high / 2 - low / 2
  }

  /// Added to initial log standard deviations if means are in units of half the range.
  var logStdShift: Float { halfRange.map { log($0) } ?? 0 }
}
