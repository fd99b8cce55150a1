/// How the world answered a step of every environment.
struct WorldAnswer {
  let rewards: UnsafePointer<Float>
  let terminated: UnsafePointer<UInt8>
  let truncated: UnsafePointer<UInt8>
  let nextObservations: UnsafePointer<Float>
  let finalObservations: UnsafePointer<Float>?

  func hasEnded(_ environment: Int) -> Bool { terminated[environment] | truncated[environment] != 0 }

  /// Whether the episode was cut by a time limit, not ended by the world: what lies beyond still has value.
  func isCut(_ environment: Int) -> Bool { truncated[environment] != 0 && terminated[environment] == 0 }
}
