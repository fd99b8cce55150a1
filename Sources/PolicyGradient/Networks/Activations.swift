/// What one worker remembers of one pass of a block through a network.
final class Activations {
  let network: Network
  /// Most rows that a block may have.
  let capacity: Int

  private let memory: Buffer<Float>
  private let places: [Place]

  /// Where a node's numbers lie in `memory`.
  private struct Place {
    let outputs: Int
    let memory: Int
    /// The gradient by the outputs, or their tangents.
    let gradients: Int
  }

  /// Bytes that a pass may take, so that it stays in cache between its forward and backward half: a share of the second level,
  /// or of the third where rows are wide.
  private static let budget = 4 << 20

  /// The number of rows in a block: 64, or fewer where rows are so wide that these would not stay in cache. A multiple of 8.
  static func capacity(floatsPerRow: Int) -> Int {
    min(64, max(8, budget / MemoryLayout<Float>.stride / max(floatsPerRow, 1) / 8 * 8))
  }

  init(_ network: Network) throws(Refusal) {
    let capacity = network.blockRows
    var places: [Place] = []
    var end = 0
    func take(_ count: Int) -> Int {
      // Each array begins on a cache line.
      defer { end += (count + 15) / 16 * 16 }
      return end
    }
    for node in network.nodes {
      let (layer, kept) = (node.layer, node.layer.memory)
      places.append(
        Place(
          outputs: take(capacity * layer.outputs), memory: take(capacity * kept.perRow + kept.perPass),
          gradients: take(capacity * layer.outputs)))
    }
    self.network = network
    self.capacity = capacity
    self.places = places
    memory = try Buffer(count: end)
  }

  func outputs(_ node: Int) -> UnsafeMutablePointer<Float> { memory.pointer + places[node].outputs }

  /// Where the caller leaves the gradient by a leaf's outputs before ``backward(_:_:_:prepared:gradient:)``, and where
  /// ``tangent(_:_:along:)`` leaves the tangents of the leaf's outputs.
  func gradients(_ node: Int) -> UnsafeMutablePointer<Float> { memory.pointer + places[node].gradients }

  /// What a node works on.
  func pass(_ node: Int, _ block: Block, _ parameters: UnsafePointer<Float>) -> LayerPass {
    let inputs = network.nodes[node].source.map { UnsafePointer(outputs($0)) } ?? block.observations
    return LayerPass(
      rows: block.rows, inputs: inputs, outputs: outputs(node), memory: memory.pointer + places[node].memory,
      parameters: parameters)
  }

  // MARK: Passes

  /// Runs a block through some nodes, given in the order of a forward pass.
  func forward(_ nodes: [Int], _ block: Block, _ parameters: UnsafePointer<Float>) {
    for node in nodes { network.nodes[node].layer.forward(pass(node, block, parameters)) }
  }

  /// Adds the gradient of Σ outputs · ``gradients(_:)`` of the route's leaves to `gradient`; uses up what ``gradients(_:)`` held.
  ///
  /// - Parameter prepared: Of the same parameters as the forward pass.
  func backward(
    _ route: Route, _ block: Block, _ parameters: UnsafePointer<Float>, prepared: PreparedWeights,
    gradient: UnsafeMutablePointer<Float>
  ) {
    for step in route.steps {
      let inputs = step.target.map { target in
        LayerGradients.Inputs(
          target: gradients(target), joins: step.joins,
          slope: step.appliesSlope ? network.nodes[target].layer.slope : nil)
      }
      network.nodes[step.node].layer.backward(
        pass(step.node, block, parameters),
        LayerGradients(
          outputs: gradients(step.node), isThroughSlope: step.isThroughSlope, prepared: prepared[step.node],
          parameters: gradient, inputs: inputs))
    }
  }

  /// The forward-mode pass: leaves in ``gradients(_:)`` how the outputs of each node move where the parameters move along
  /// `direction`, after a forward pass over the same block.
  func tangent(
    _ nodes: [Int], _ block: Block, _ parameters: UnsafePointer<Float>, along direction: UnsafePointer<Float>
  ) {
    for node in nodes {
      let inputs = network.nodes[node].source.map { UnsafePointer(gradients($0)) }
      network.nodes[node].layer.tangent(
        pass(node, block, parameters), along: direction, inputs: inputs, into: gradients(node))
    }
  }
}
