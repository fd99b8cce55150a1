/// The kind of memory between the hidden layers and the outputs of a network.
package enum MemoryKind: Int32, Sendable, CaseIterable {
  case none = 0
  /// ``GRU``.
  case gru
  /// ``LSTM``.
  case lstm

  /// The number of gates, which is the number of columns of the weights per unit.
  var gates: Int {
    switch self {
    case .none: 0
    case .gru: 3
    case .lstm: 4
    }
  }

  /// Its layers; `nil` without memory.
  var layer: (any RecurrentLayer.Type)? {
    switch self {
    case .none: nil
    case .gru: GRU.self
    case .lstm: LSTM.self
    }
  }
}
