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

  /// Refuses what is not finite, no flag, or missing where it is needed.
  ///
  /// - Parameters:
  ///   - width: Numbers in an observation.
  ///   - needsFinal: Whether the last observation of a cut episode is needed, for its value.
  ///   - isRestarting: Of which environments this is only the start of an episode; their rewards and flags mean
  ///     nothing.
  func check(environments: Int, width: Int, needsFinal: Bool, isRestarting: [Bool]) throws(Refusal) {
    try checkFinite(nextObservations, environments, width, "next_observations")
    for environment in 0..<environments where !isRestarting[environment] {
      guard rewards[environment].isFinite else {
        throw Refusal(.notFinite, "rewards[\(environment)] is \(rewards[environment]); it must be finite")
      }
      guard terminated[environment] <= 1, truncated[environment] <= 1 else {
        throw Refusal(
          .invalidArgument,
          "terminated[\(environment)] is \(terminated[environment]) and truncated[\(environment)] is \(truncated[environment]); flags must be 0 or 1"
        )
      }
      guard isCut(environment), needsFinal else { continue }
      guard let final = finalObservations else {
        throw Refusal(
          .invalidArgument,
          "final_observations is NULL, and truncated[\(environment)] is 1; the episode's last observation is needed for its value"
        )
      }
      for column in 0..<width where !final[environment * width + column].isFinite {
        throw Refusal(
          .notFinite,
          "final_observations[\(environment), \(column)] is \(final[environment * width + column]); it must be finite")
      }
    }
  }
}
