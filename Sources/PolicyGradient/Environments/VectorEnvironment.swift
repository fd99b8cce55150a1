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

/// An environment whose whole state can be read and set.
package protocol StatefulEnvironment: VectorEnvironment {
  /// Numbers in the state of one environment.
  var stateSize: Int { get }

  /// Writes `count` × ``stateSize`` numbers, row-major.
  func copyStates(into states: UnsafeMutablePointer<Double>)

  /// Sets the state of every environment as at the start of an episode, and updates ``observations``.
  ///
  /// - Parameter states: `count` × ``stateSize`` numbers, row-major, each from -1,000,000 to 1,000,000.
  /// - Throws: `.notFinite` or `.invalidArgument`, naming the first invalid number; then nothing has changed.
  func setStates(_ states: UnsafePointer<Double>) throws(Refusal)
}

/// Records who moved an environment last, so that an agent does not act on outdated observations.
package final class EnvironmentUse {
  /// The agent that has made every reset and step since its own reset; `nil` if the host made one of them.
  private(set) weak var agent: AnyObject?
  /// Whether the host has reset the environment, or set its state, and has not stepped it since.
  private(set) var isAtStart = false

  /// The number of the first environment in the keys of random numbers: with several ranks, environments are numbered
  /// over all of them.
  package internal(set) var firstNumber = 0

  /// The number of the next step, for messages: the agent's that moves the environment, or else since the host's reset.
  var step: UInt64 = 0

  package init() {}

  /// Called before the host resets the environment.
  package func willReset() { step = 0 }

  /// Called when an agent begins to move the environment.
  func setAgent(_ agent: AnyObject) {
    self.agent = agent
    isAtStart = false
  }

  /// Called when the host resets the environment or sets its state.
  package func wasReset() {
    agent = nil
    isAtStart = true
  }

  /// Called when the host steps the environment.
  package func wasStepped() {
    agent = nil
    isAtStart = false
  }
}
