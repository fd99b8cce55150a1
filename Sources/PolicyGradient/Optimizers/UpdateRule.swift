/// One kind of optimizer: how a gradient, already scaled, moves the parameters.
protocol UpdateRule: AnyObject {
  /// The state between steps, by name; each buffer has the length of the parameters.
  var state: [(name: String, values: Buffer<Float>)] { get }

  /// Moves `count` parameters along `scale` × `gradient`. `step` counts from 1.
  func apply(
    _ gradient: UnsafePointer<Float>, scale: Float, to parameters: UnsafeMutablePointer<Float>, count: Int,
    learningRate: Double, step: Int64)
}
