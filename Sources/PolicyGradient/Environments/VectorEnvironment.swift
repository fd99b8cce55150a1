/// Environments of one kind, stepped together. The step that ends an episode also resets its environment.
package protocol VectorEnvironment: AnyObject {
  var count: Int { get }
  var observationSize: Int { get }
  var parts: [ActionPart] { get }
  /// What the columns of an observation are, where they are more than one vector; else empty.
  var observationParts: [ObservationPart] { get }
  /// Episodes are truncated after this many steps; `nil` for never.
  var maxEpisodeSteps: Int? { get }
  /// The current observations, `count` × `observationSize`; `nil` before the first reset.
  var observations: UnsafePointer<Float>? { get }
  /// Flags in the mask of one environment; 0 if every choice is always allowed.
  var maskSize: Int { get }
  /// Action masks of the current observations, `count` × ``maskSize`` flags; `nil` before the first reset, and if every
  /// choice is always allowed.
  var masks: UnsafePointer<UInt8>? { get }

  /// Who moved the environment last.
  var use: EnvironmentUse { get }

  /// Resets every environment and writes its first observation to ``observations``.
  ///
  /// - Parameter groupSize: This many neighbouring environments begin every episode in the same state, until the next
  ///   reset. A host's environment may ignore it.
  func reset(seed: UInt64, groupSize: Int) throws(Refusal)

  /// Steps every environment with `count` rows of actions, which must lie inside the action space.
  func step(_ actions: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal)
}

extension VectorEnvironment {
  package var observationParts: [ObservationPart] { [] }
  package var maskSize: Int { 0 }
  package var masks: UnsafePointer<UInt8>? { nil }

  /// Resets every environment, each to a different initial state.
  package func reset(seed: UInt64) throws(Refusal) { try reset(seed: seed, groupSize: 1) }
}

/// Where a step writes its results, one row for each environment.
package struct StepOutputs {
  package let rewards: UnsafeMutablePointer<Float>
  package let terminated: UnsafeMutablePointer<UInt8>
  package let truncated: UnsafeMutablePointer<UInt8>
  package let nextObservations: UnsafeMutablePointer<Float>
  /// Receives the last observation of each episode that ended on this step; other rows are not written. A host may also
  /// omit the last observation of a terminated (not truncated) episode.
  package let finalObservations: UnsafeMutablePointer<Float>

  package init(
    rewards: UnsafeMutablePointer<Float>, terminated: UnsafeMutablePointer<UInt8>,
    truncated: UnsafeMutablePointer<UInt8>, nextObservations: UnsafeMutablePointer<Float>,
    finalObservations: UnsafeMutablePointer<Float>
  ) {
    self.rewards = rewards
    self.terminated = terminated
    self.truncated = truncated
    self.nextObservations = nextObservations
    self.finalObservations = finalObservations
  }
}
