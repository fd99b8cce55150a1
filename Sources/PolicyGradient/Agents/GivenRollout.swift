/// A rollout in plain arrays, gathered by any means. Row `step × environments + environment` is one step of one
/// environment.
package struct GivenRollout {
  package let steps: Int
  package let environments: Int
  /// (steps + 1) × environments × observation size, as the environments gave them. The last step holds the
  /// observations after the rollout.
  package let observations: UnsafePointer<Float>
  /// Rows × action size: actions, or draws.
  package let actions: UnsafePointer<Float>
  /// Whether squashed columns of ``actions`` hold pre-squash actions.
  package let areDraws: Bool
  /// log π(a|s) of the policy that acted; `nil` if it was the current policy.
  package var logProbabilities: UnsafePointer<Float>?
  package let rewards: UnsafePointer<Float>
  package let terminated: UnsafePointer<UInt8>
  package let truncated: UnsafePointer<UInt8>
  /// Rows × observation size, read where an episode was truncated.
  package var finalObservations: UnsafePointer<Float>?
  /// Rows × ``ActionSpace/flags``; `nil` if every choice was allowed.
  package var masks: UnsafePointer<UInt8>?
  /// Environments × state size, before the first step; `nil` for zeros.
  package var states: UnsafePointer<Float>?
  /// One flag per environment: whether an episode begins with the first step. `nil`: in every environment.
  package var starts: UnsafePointer<UInt8>?
  /// One flag per row: 0 if the step only reset the environment. `nil`: as the agent's autoreset mode has it.
  package var active: UnsafePointer<UInt8>?
  /// The learner's updates before the policy that acted; `nil` if unknown.
  package var policyVersion: Int64?
  /// By how many updates the policy that acted may be older than the learner's.
  package var maxStaleness = Int64.max

  package init(
    steps: Int, environments: Int, observations: UnsafePointer<Float>, actions: UnsafePointer<Float>, areDraws: Bool,
    rewards: UnsafePointer<Float>, terminated: UnsafePointer<UInt8>, truncated: UnsafePointer<UInt8>
  ) {
    self.steps = steps
    self.environments = environments
    self.observations = observations
    self.actions = actions
    self.areDraws = areDraws
    self.rewards = rewards
    self.terminated = terminated
    self.truncated = truncated
  }

  /// Whether an episode of the environment begins with the first step.
  func startsEpisode(_ environment: Int) -> Bool { starts.map { $0[environment] != 0 } ?? true }

  /// Whether the environment only resets in this step; `nil` if that is not given.
  func isReset(_ step: Int, _ environment: Int) -> Bool? {
    guard let active, step < steps else { return nil }
    return active[step * environments + environment] == 0
  }
}
