/// Layers that form a tree. Each layer reads the observation or another layer's outputs. The leaves are the inputs of
/// the policy's distributions and, with a value function, the value.
///
/// Two separate networks and a shared trunk are both such trees. ``Activations`` holds the numbers of a pass.
final class Network: Sendable {
  struct Node: Sendable {
    let layer: any Layer
    /// The node whose outputs this one reads; `nil` for the observation.
    let source: Int?
    /// Whether gradients end here: the outputs of `source` count as constants.
    let isDetached: Bool

    init(layer: any Layer, source: Int?, isDetached: Bool = false) {
      self.layer = layer
      self.source = source
      self.isDetached = isDetached
    }

    /// Whether a backward pass needs ``PreparedWeights``. The gradient by the observation is not needed.
    var isPrepared: Bool { source != nil || layer.isAlwaysPrepared }
  }

  /// Every node comes after the node that it reads.
  let nodes: [Node]
  let policyLeaf: Int
  let valueLeaf: Int?
  /// The last node that both leaves depend on; `nil` without one.
  let fork: Int?
  /// The layer of the policy's leaf.
  let head: PolicyHead
  /// Floats that a pass keeps for each row.
  let floatsPerRow: Int
  /// Rows in a block.
  let blockRows: Int
  /// Floats of the hidden state of one sequence; 0 without memory.
  let stateSize: Int
  /// The last layer with a memory that only the policy depends on, and the last that only the value depends on.
  let policyMemory: Int?
  let valueMemory: Int?

  /// The backward pass of the policy's leaf.
  let scoreRoute: Route
  /// The backward pass of the value, for all parameters that it depends on, except through a detached node.
  let valueRoute: Route
  /// The backward pass of the value, only for parameters that the policy does not share.
  let ownValueRoute: Route
  /// The backward pass of both leaves at once; a shared node receives the sum of both gradients.
  let jointRoute: Route

  init(_ nodes: [Node], inputs: Int, policyLeaf: Int, head: PolicyHead, valueLeaf: Int?) {
    self.nodes = nodes
    self.policyLeaf = policyLeaf
    self.valueLeaf = valueLeaf
    self.head = head
    floatsPerRow = nodes.reduce(inputs) { $0 + 2 * $1.layer.outputs + $1.layer.memory.perRow }
    let hasImages = nodes.contains { $0.layer.hasImages }
    blockRows = hasImages ? Block.imageRows(floatsPerRow: floatsPerRow) : Block.rows(floatsPerRow: floatsPerRow)
    stateSize = nodes.reduce(0) { $0 + $1.layer.stateSize }
    func path(to leaf: Int) -> [Int] { Array(sequence(first: leaf) { nodes[$0].source }).reversed() }
    let policyPath = path(to: policyLeaf)
    let valuePath = valueLeaf.map(path) ?? []
    let learnedValuePath = Array(valuePath[(valuePath.lastIndex { nodes[$0].isDetached } ?? 0)...])
    fork = valuePath.last { policyPath.contains($0) }
    policyMemory = policyPath.last { nodes[$0].layer.stateSize > 0 && !valuePath.contains($0) }
    valueMemory = valuePath.last { nodes[$0].layer.stateSize > 0 && !policyPath.contains($0) }
    scoreRoute = Route(policyPath, nodes)
    valueRoute = Route(learnedValuePath, nodes)
    ownValueRoute = Route(valuePath.filter { !policyPath.contains($0) }, nodes)
    jointRoute = Route(Set(policyPath + learnedValuePath).sorted(), nodes)
  }

  /// The dense layers of the policy's branch, from the observation to the leaf; `nil` if it has other layers.
  var policyLayers: [Dense]? {
    let layers = scoreRoute.steps.reversed().map { step in
      nodes[step.node].layer as? Dense ?? (nodes[step.node].layer as? PolicyHead)?.dense
    }
    return layers.contains { $0 == nil } ? nil : layers.compactMap(\.self)
  }
  /// The tensors of all layers, in the order of the parameter vector.
  var tensors: [Tensor] { nodes.flatMap(\.layer.tensors) }
}

/// A backward pass as a list of steps, from the leaves to the observation.
struct Route: Sendable {
  struct Step: Sendable {
    let node: Int
    /// Whether an earlier step has already applied this node's slope.
    let isThroughSlope: Bool
    /// The node that receives the gradient by this node's inputs; `nil` if it is not needed.
    let target: Int?
    /// Whether to add to the target, because it already holds the gradient of another branch.
    let accumulates: Bool
    /// Whether this step applies the target's slope, because it is the last to write to the target.
    let appliesSlope: Bool
  }

  let steps: [Step]

  /// - Parameter members: The nodes of the pass, in forward order.
  init(_ members: [Int], _ nodes: [Network.Node]) {
    var steps: [Step] = []
    var (reached, throughSlope) = (Set<Int>(), Set<Int>())
    /// The member that receives a node's gradient.
    func inner(_ node: Int) -> Int? {
      nodes[node].isDetached ? nil : nodes[node].source.flatMap { members.contains($0) ? $0 : nil }
    }
    for node in members.reversed() {
      let target = inner(node)
      var (accumulates, appliesSlope) = (false, false)
      if let target {
        accumulates = !reached.insert(target).inserted
        let isLast = members.first { inner($0) == target } == node
        appliesSlope = isLast && nodes[target].layer.slope != nil
        if appliesSlope { throughSlope.insert(target) }
      }
      steps.append(
        Step(
          node: node, isThroughSlope: throughSlope.contains(node), target: target, accumulates: accumulates,
          appliesSlope: appliesSlope))
    }
    self.steps = steps
  }
}

// How many sequences pass through a network together.

extension Network {
  /// The most bytes of a pass over sequences, whose backward pass needs all their steps.
  private static let sequenceBudget = 16 << 20

  /// Rows that such a pass has memory for.
  private var sequenceRows: Int { Network.sequenceBudget / MemoryLayout<Float>.stride / floatsPerRow }

  /// The most sequences of `steps` steps in a block that is learned from. Two products of 8 rows each take longer than
  /// one of 16, so there are many if memory allows it.
  func mostSequences(steps: Int) -> Int {
    guard steps > 1 else { return blockRows }
    let count = sequenceRows / steps
    return count >= 8 ? min(32, count / 8 * 8) : max(1, count)
  }

  /// The rows of the largest block of sequences of up to `steps` steps.
  func blockRows(ofSteps steps: Int) -> Int {
    guard steps > 1 else { return blockRows }
    return max(steps, blockRows, min(32 * steps, sequenceRows))
  }
}
