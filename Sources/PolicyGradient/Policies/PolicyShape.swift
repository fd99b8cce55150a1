/// Everything of a policy except its parameters: the network, the action distributions, and where the parameters of
/// each begin.
///
/// Immutable, and shared by all passes of the policy.
final class PolicyShape: Sendable {
  let observationSize: Int
  let packing: ObservationPacking
  let space: ActionSpace
  /// The same with pre-squash actions in squashed columns: the space of draws, which sampling and learning use.
  let drawSpace: ActionSpace
  let network: Network
  let kernels: KernelSet
  /// Where the distributions' own parameters begin, after the policy network's.
  let distributionOffset: Int
  let parameterCount: Int

  init(_ configuration: PolicyConfiguration, _ kernels: KernelSet) {
    let space = ActionSpace(configuration.parts, stateDependentStd: configuration.stdDependsOnState, kernels)
    var tree = NetworkTree(configuration, kernels)
    let hidden = tree.addBody("policy", configuration.hiddenSizes, remembers: true, stream: 0)
    let memory = tree.memory
    let output = tree.addOutput("policy", outputs: space.outputs, gain: 0.01, stream: 0)
    let explorationColumns =
      configuration.hasStateDependentExploration ? space.logStdOutputs.flatMap(Array.init) : []
    let head = PolicyHead(
      output, scaling: configuration.rescalesActions ? OutputScaling(space) : nil,
      exploration: explorationColumns.isEmpty
        ? nil : Exploration(explorationColumns, of: output, hasExpln: configuration.hasExpln, kernels))
    let policyLeaf = tree.add(head)
    distributionOffset = tree.end
    tree.end += space.parameters
    var valueLeaf: Int?
    if configuration.hasValueFunction {
      if configuration.sharesTrunk {
        tree.continue(from: hidden)
      } else {
        if configuration.sharesMemory {
          tree.continue(from: memory, isDetached: true)
        } else if configuration.hasValueEncoder {
          tree.addObservation("value.observation", stream: 1)
        } else {
          tree.restart()
        }
        tree.addBody(
          "value", configuration.valueHiddenSizes ?? configuration.hiddenSizes,
          remembers: configuration.hasValueMemory, stream: 1)
      }
      valueLeaf = tree.add(tree.addOutput("value", outputs: 1, gain: 1, stream: 1))
    }
    network = Network(
      tree.nodes, inputs: configuration.observationSize, policyLeaf: policyLeaf, head: head, valueLeaf: valueLeaf)
    parameterCount = tree.end
    observationSize = configuration.observationSize
    packing = ObservationPacking(
      configuration.observationParts, columns: configuration.observationSize, kernels)
    self.space = space
    drawSpace = ActionSpace(
      configuration.parts, stateDependentStd: configuration.stdDependsOnState, holdsDraws: true, kernels)
    self.kernels = kernels
  }

  /// Where the policy's parameters end, including its distributions'. The value function's own parameters follow.
  var policyEnd: Int { distributionOffset + space.parameters }
}

/// Builds a network layer by layer.
private struct NetworkTree {
  private let configuration: PolicyConfiguration
  private let kernels: KernelSet
  private(set) var nodes: [Network.Node] = []
  /// The first position after the parameters of all layers so far.
  var end = 0
  /// The first position after their hidden states.
  private var stateEnd = 0
  /// The first node that reads the parts of the observation; `nil` if the observation is one vector.
  private var observation: Int?
  /// The last layer of the latest memory.
  private(set) var memory: Int?
  /// For the next layer: the node that it reads, that node's width, and how many dense layers lie below.
  private var (source, width, depth): (Int?, Int, Int)
  /// Whether the next layer reads that node as a constant.
  private var isDetached = false

  init(_ configuration: PolicyConfiguration, _ kernels: KernelSet) {
    self.configuration = configuration
    self.kernels = kernels
    (source, width, depth) = (nil, configuration.observationSize, 0)
    addObservation("observation", stream: 0)
    observation = source
  }

  /// Starts a branch with a layer that reads the parts of the observation; without it if the observation is one vector.
  mutating func addObservation(_ name: String, stream: Int) {
    `continue`(from: nil)
    guard !configuration.observationParts.areVectors else { return }
    let layer = ObservationLayer(
      configuration.observationParts, name, configuration.encoder(for:), hasBias: configuration.hasBias,
      stream: stream, at: end, kernels)
    end = layer.end
    _ = add(layer)
  }

  /// Makes the next layer read the observation, or the features of its parts.
  mutating func restart() { `continue`(from: observation) }

  /// Makes the next layer read an earlier node and start a branch.
  ///
  /// - Parameter isDetached: Whether no gradient reaches that node from the branch.
  mutating func `continue`(from node: Int?, isDetached: Bool = false) {
    self.isDetached = isDetached
    (source, width, depth) = (node, node.map { nodes[$0].layer.outputs } ?? configuration.observationSize, 0)
  }

  mutating func add(_ layer: any Layer) -> Int {
    nodes.append(Network.Node(layer: layer, source: source, isDetached: isDetached))
    (source, width, isDetached) = (nodes.count - 1, layer.outputs, false)
    return nodes.count - 1
  }

  /// Adds the hidden layers and, if there is one, the memory, in the configuration's order.
  /// - Parameters:
  ///   - remembers: Whether to add the memory.
  ///   - stream: With the depth, the key of the draws of their weights.
  /// - Returns: The last layer so far; `nil` without any.
  @discardableResult
  mutating func addBody(_ name: String, _ sizes: [Int], remembers: Bool, stream: Int) -> Int? {
    if remembers && configuration.hasMemoryFirst { addMemory(name, stream: stream) }
    addHidden(name, sizes, stream: stream)
    if remembers && !configuration.hasMemoryFirst { addMemory(name, stream: stream) }
    return source
  }

  private mutating func addHidden(_ name: String, _ sizes: [Int], stream: Int) {
    for size in sizes {
      let layer = Dense(
        "\(name).\(depth)", inputs: width, outputs: size, activation: configuration.activation,
        hasBias: configuration.hasBias, hasNorm: configuration.hasLayerNorm, gain: nil, index: 2 * depth + stream,
        at: end, kernels)
      end = layer.end
      _ = add(layer)
      depth += 1
    }
  }

  private mutating func addMemory(_ name: String, stream: Int) {
    guard let kind = configuration.memory.layer else { return }
    for index in 0..<configuration.memoryLayers {
      let layer = kind.init(
        "\(name).memory.\(index)", inputs: width, outputs: configuration.memorySize, hasBias: configuration.hasBias,
        stateOffset: stateEnd, index: 2 * index + stream, at: end, kernels)
      end = layer.end
      stateEnd += layer.stateSize
      memory = add(layer)
    }
  }

  /// Makes the output layer. The caller adds it.
  mutating func addOutput(_ name: String, outputs: Int, gain: Double, stream: Int) -> Dense {
    let layer = Dense(
      "\(name).\(depth)", inputs: width, outputs: outputs, activation: nil, hasBias: configuration.hasBias,
      hasNorm: false, gain: gain, index: 2 * depth + stream, at: end, kernels)
    end = layer.end
    return layer
  }
}
