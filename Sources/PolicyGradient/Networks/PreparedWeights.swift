/// The parameters in the layout that backward passes read. All blocks of one gradient share them.
final class PreparedWeights {
  private let network: Network
  private let memory: Buffer<Float>
  private let places: [Int]

  init(_ network: Network) throws(Refusal) {
    var (places, end): ([Int], Int) = ([], 0)
    for node in network.nodes {
      places.append(end)
      if node.isPrepared { end += node.layer.preparedCount }
    }
    self.network = network
    self.places = places
    memory = try Buffer(count: end)
  }

  /// The prepared weights of one node; empty if ``Network/Node/isPrepared`` is false.
  subscript(_ node: Int) -> UnsafePointer<Float> { UnsafePointer(memory.pointer + places[node]) }

  /// Prepares the current parameters.
  func refresh(_ parameters: UnsafePointer<Float>) {
    for (place, node) in zip(places, network.nodes) where node.isPrepared {
      node.layer.prepare(parameters, into: memory.pointer + place)
    }
  }
}
