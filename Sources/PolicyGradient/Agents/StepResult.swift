/// The results of one step of every environment.
struct StepResult {
  let rewards: UnsafePointer<Float>
  let terminated: UnsafePointer<UInt8>
  let truncated: UnsafePointer<UInt8>
  let nextObservations: UnsafePointer<Float>
  let finalObservations: UnsafePointer<Float>?

  func hasEnded(_ environment: Int) -> Bool { terminated[environment] | truncated[environment] != 0 }

  /// Whether a time limit ended the episode. The state after it still has value, unlike a terminal state.
  func isTruncated(_ environment: Int) -> Bool { truncated[environment] != 0 && terminated[environment] == 0 }

  /// Refuses invalid observations, rewards that are not finite, flags other than 0 and 1, and missing final
  /// observations.
  ///
  /// - Parameters:
  ///   - needsFinal: Whether truncated episodes need their last observation, for its value.
  ///   - isResetting: Whether each environment only started an episode. Its reward and flags are then ignored.
  func check(environments: Int, _ policy: Policy, needsFinal: Bool, isResetting: [Bool]) throws(Refusal) {
    try policy.check(observations: nextObservations, rows: environments, "next_observations")
    for environment in 0..<environments where !isResetting[environment] {
      guard rewards[environment].isFinite else {
        throw Refusal(
          .notFinite, "rewards[\(environment)] is \(rewards[environment]); it must be finite", row: environment)
      }
      guard terminated[environment] <= 1, truncated[environment] <= 1 else {
        throw Refusal(
          .invalidArgument,
          "terminated[\(environment)] is \(terminated[environment]) and truncated[\(environment)] is \(truncated[environment]); flags must be 0 or 1",
          row: environment)
      }
      guard isTruncated(environment), needsFinal else { continue }
      guard let final = finalObservations else {
        throw Refusal(
          .invalidArgument,
          "final_observations is NULL, but truncated[\(environment)] is 1; give the episode's last observation, which needs a value",
          row: environment)
      }
      try policy.check(
        observations: final + environment * policy.observationSize, rows: 1, "final_observations", first: environment)
    }
  }
}
