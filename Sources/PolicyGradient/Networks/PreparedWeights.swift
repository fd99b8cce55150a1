/// The parameters in the layout that backward passes read, which all blocks of one gradient share.
final class PreparedWeights {
  private let network: Network
  private let memory: Buffer<Float>
  private let places: [Int]

  init(_ network: Network) throws(Refusal) {
    var (places, end): ([Int], Int) = ([], 0)
    for node in network.nodes {
      places.append(end)
      if node.source != nil { end += node.layer.preparedCount }
    }
    self.network = network
    self.places = places
    memory = try Buffer(count: end)
  }

  /// Of one node; empty for a node that reads the observation, whose gradient nobody wants.
  subscript(_ node: Int) -> UnsafePointer<Float> { UnsafePointer(memory.pointer + places[node]) }

  /// Takes over the parameters as they are now.
  func refresh(_ parameters: UnsafePointer<Float>) {
    for (place, node) in zip(places, network.nodes) where node.source != nil {
      node.layer.prepare(parameters, into: memory.pointer + place)
    }
  }
}
