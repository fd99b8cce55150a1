/// The numbers that one worker keeps while a block passes through a network.
final class Activations {
  let network: Network
  /// The most rows in a block.
  let capacity: Int
  /// How the rows of the current block form sequences. Set before a pass of a network with a memory.
  let lanes: UnsafeMutablePointer<LaneStates>

  private let memory: Buffer<Float>
  private let policy: NodeActivations
  private let value: NodeActivations?
  /// One for each node.
  private let stages: [NodeActivations]

  /// - Parameter capacity: The most rows in a block.
  init(_ network: Network, capacity: Int) throws(Refusal) {
    // Each array begins on a cache line.
    func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
    var size = 0
    for node in network.nodes {
      let (layer, layerMemory) = (node.layer, node.layer.memory)
      size += 2 * padded(capacity * layer.outputs) + padded(capacity * layerMemory.perRow + layerMemory.perPass)
    }
    let memory = try Buffer<Float>(count: size)
    self.network = network
    self.capacity = capacity
    self.memory = memory
    lanes = .allocate(capacity: 1)
    lanes.initialize(to: LaneStates())
    var end = memory.pointer
    func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { end += padded(count) }
      return end
    }
    var stages: [NodeActivations] = []
    for node in network.nodes {
      let (layer, layerMemory) = (node.layer, node.layer.memory)
      stages.append(
        NodeActivations(
          layer, reads: node.source.map { stages[$0] }, outputs: allocate(capacity * layer.outputs),
          memory: allocate(capacity * layerMemory.perRow + layerMemory.perPass),
          gradients: allocate(capacity * layer.outputs), lanes: lanes))
    }
    self.stages = stages
    policy = stages[network.policyLeaf]
    value = network.valueLeaf.map { stages[$0] }
  }

  deinit { lanes.deallocate() }

  // MARK: Policy

  /// The inputs of the distributions, rows × ``ActionSpace/outputs``.
  var policyOutputs: UnsafeMutablePointer<Float> { policy.outputs }

  /// The gradient by ``policyOutputs``, which the caller writes before ``backward(_:_:_:prepared:gradient:)``; or their
  /// tangents, which ``tangentPolicy(_:_:along:)`` writes.
  var policyGradients: UnsafeMutablePointer<Float> { policy.gradients }

  /// The pass of the policy's leaf.
  func policyPass(_ block: Block, _ parameters: UnsafePointer<Float>) -> LayerPass { policy.pass(block, parameters) }

  /// Runs a block through the policy's branch.
  func forwardPolicy(_ block: Block, _ parameters: UnsafePointer<Float>) {
    policy.forward(block, parameters)
  }

  /// The forward-mode pass: writes to ``policyGradients`` the derivative of ``policyOutputs`` where the parameters move
  /// along `direction`. Call it after a forward pass over the same block.
  func tangentPolicy(_ block: Block, _ parameters: UnsafePointer<Float>, along direction: UnsafePointer<Float>) {
    policy.tangent(block, parameters, along: direction)
  }

  // MARK: Value

  /// The values, one per row; `nil` without a value function.
  var valueOutputs: UnsafeMutablePointer<Float>? { value?.outputs }

  /// The gradient by ``valueOutputs``.
  var valueGradients: UnsafeMutablePointer<Float>? { value?.gradients }

  /// Runs a block through the value's branch.
  ///
  /// - Parameter afterPolicy: Whether ``forwardPolicy(_:_:)`` has run over the same block; then shared layers are not
  ///   run again.
  func forwardValue(_ block: Block, _ parameters: UnsafePointer<Float>, afterPolicy: Bool) {
    guard afterPolicy, let fork = network.fork else { return value?.forward(block, parameters) ?? () }
    value?.forward(block, parameters, above: stages[fork])
  }

  // MARK: Memory

  /// After the policy's branch has run: runs the layers that the states of the value's own memory depend on.
  func advanceValueMemory(_ block: Block, _ parameters: UnsafePointer<Float>) {
    advance(network.valueMemory, block, parameters)
  }

  /// After the value's branch has run: the same for the policy's own memory.
  func advancePolicyMemory(_ block: Block, _ parameters: UnsafePointer<Float>) {
    advance(network.policyMemory, block, parameters)
  }

  @inline(never)
  private func advance(_ node: Int?, _ block: Block, _ parameters: UnsafePointer<Float>) {
    guard let node else { return }
    if let fork = network.fork {
      stages[node].forward(block, parameters, above: stages[fork])
    } else {
      stages[node].forward(block, parameters)
    }
  }

  // MARK: Backward

  /// Adds to `gradient` the derivative of Σ_i g_i · output_i by the parameters, over all outputs i of the route's
  /// leaves. The g are the output gradients, which count as constants, and which it overwrites.
  ///
  /// - Parameter prepared: The weights of the forward pass, prepared.
  func backward(
    _ route: Route, _ block: Block, _ parameters: UnsafePointer<Float>, prepared: PreparedWeights,
    gradient: UnsafeMutablePointer<Float>
  ) {
    for step in route.steps {
      let stage = stages[step.node]
      let inputs = step.target.map { target in
        LayerGradients.Inputs(
          target: stages[target].gradients, accumulates: step.accumulates,
          slope: step.appliesSlope ? stages[target].layer.slope : nil)
      }
      stage.layer.backward(
        stage.pass(block, parameters),
        LayerGradients(
          outputs: stage.gradients, isThroughSlope: step.isThroughSlope, prepared: prepared[step.node],
          parameters: gradient, inputs: inputs))
    }
  }
}

/// A node and the memory of its numbers.
///
/// Passes recurse from a leaf along `reads`. Constant fields of an object are read without counting references; in a
/// loop over an array, counting would take 1/10 of the time of one action.
private final class NodeActivations {
  let layer: any Layer
  /// The stage whose outputs it reads; `nil` for the observation.
  let reads: NodeActivations?
  let outputs: UnsafeMutablePointer<Float>
  let memory: UnsafeMutablePointer<Float>
  /// The gradient by the outputs, or their tangents.
  let gradients: UnsafeMutablePointer<Float>
  let lanes: UnsafePointer<LaneStates>

  init(
    _ layer: any Layer, reads: NodeActivations?, outputs: UnsafeMutablePointer<Float>,
    memory: UnsafeMutablePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, lanes: UnsafePointer<LaneStates>
  ) {
    self.layer = layer
    self.reads = reads
    self.outputs = outputs
    self.memory = memory
    self.gradients = gradients
    self.lanes = lanes
  }

  func pass(_ block: Block, _ parameters: UnsafePointer<Float>) -> LayerPass {
    LayerPass(
      rows: block.rows, inputs: reads.map { UnsafePointer($0.outputs) } ?? block.observations, outputs: outputs,
      memory: memory, parameters: parameters, lanes: lanes)
  }

  /// Runs the nodes from the observation up to this one.
  func forward(_ block: Block, _ parameters: UnsafePointer<Float>) {
    reads?.forward(block, parameters)
    layer.forward(pass(block, parameters))
  }

  /// Runs the nodes above a fork up to this one.
  func forward(_ block: Block, _ parameters: UnsafePointer<Float>, above fork: NodeActivations) {
    if let reads, reads !== fork { reads.forward(block, parameters, above: fork) }
    layer.forward(pass(block, parameters))
  }

  func tangent(_ block: Block, _ parameters: UnsafePointer<Float>, along direction: UnsafePointer<Float>) {
    reads?.tangent(block, parameters, along: direction)
    layer.tangent(
      pass(block, parameters), along: direction, inputs: reads.map { UnsafePointer($0.gradients) }, into: gradients)
  }
}
