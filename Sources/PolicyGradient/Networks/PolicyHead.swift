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
