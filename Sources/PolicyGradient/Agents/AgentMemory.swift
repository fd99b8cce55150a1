/// The hidden states of a policy with a memory, one row per environment.
final class AgentMemory {
  /// The states before the current step.
  private(set) var current: Buffer<Float>
  /// The states after it, between `act` and `observe`.
  private(set) var next: Buffer<Float>
  private let stateSize: Int
  /// Environments × state size.
  let shape: [Int]

  init(environments: Int, stateSize: Int) throws(Refusal) {
    self.stateSize = stateSize
    shape = [environments, stateSize]
    current = try Buffer(count: environments * stateSize)
    next = try Buffer(count: environments * stateSize)
  }

  /// Those of ``current``; `nil` without memory.
  var states: UnsafeMutablePointer<Float>? { stateSize > 0 ? current.pointer : nil }
  /// Receives the states after it.
  var nextStates: UnsafeMutablePointer<Float>? { stateSize > 0 ? next.pointer : nil }

  /// The state of one environment after the current step; `nil` without memory.
  func nextState(of environment: Int) -> UnsafePointer<Float>? {
    nextStates.map { UnsafePointer($0 + environment * stateSize) }
  }

  /// Called when a step is complete.
  func advance() { swap(&current, &next) }
}
