import Kernels

/// One environment, written as a plain struct without SIMD. ``ReplicatedEnvironment`` makes a vector environment of it.
///
/// The struct is the whole state of the environment and holds no references. All randomness comes from the
/// ``EpisodeRandom`` argument, so an episode is a function of seed, environment, episode number and actions.
///
/// To add an environment, write one file with such a struct and add one line to ``NativeEntry/all``.
package protocol ScalarEnvironment: BitwiseCopyable, Sendable {
  /// The name in the registry, such as "MinAtar/Breakout-v1".
  static var name: String { get }
  /// Floats in one observation, 1 to 65,536.
  static var observationSize: Int { get }
  /// What the columns of an observation are, where they are more than one vector; else empty.
  static var observationParts: [ObservationPart] { get }
  /// The parts of an action, in the order of its columns.
  static var parts: [ActionPart] { get }
  /// Episodes are truncated after this many steps; `nil` for never.
  static var maxEpisodeSteps: Int? { get }
  /// Whether ``writeMask(to:)`` restricts choices.
  static var hasMasks: Bool { get }

  /// A state for ``reset(random:)`` to overwrite.
  init()

  /// Starts an episode, whatever the state was before.
  mutating func reset(random: inout EpisodeRandom)

  /// Moves by one step. It is not called again after a terminated step before the next reset.
  ///
  /// - Parameter action: One row of the action space, valid for ``parts``; continuous columns lie within their bounds.
  mutating func step(_ action: UnsafePointer<Float>, random: inout EpisodeRandom) -> ScalarOutcome

  /// Writes all ``observationSize`` floats of the current observation.
  func observe(into observation: UnsafeMutablePointer<Float>)

  /// Numbers that ``writeState(to:)`` writes.
  static var stateSize: Int { get }

  /// Writes the whole state as numbers, for checkpoints.
  func writeState(to numbers: UnsafeMutablePointer<Double>)

  /// Restores a state that ``writeState(to:)`` wrote. The numbers may come from a damaged file: returns `nil` unless
  /// they describe a state from which a step is safe.
  init?(state numbers: UnsafePointer<Double>)

  /// Writes which choices the current state allows, in the format of action masks: one flag for each choice of a
  /// categorical part, two for each column of a Bernoulli part, none for continuous parts. All flags are 1 before the
  /// call.
  func writeMask(to flags: UnsafeMutablePointer<UInt8>)
}

extension ScalarEnvironment {
  package static var observationParts: [ObservationPart] { [] }
  package static var maxEpisodeSteps: Int? { nil }
  package static var hasMasks: Bool { false }
  package func writeMask(to flags: UnsafeMutablePointer<UInt8>) {}
}

/// The result of one step of a ``ScalarEnvironment``.
package struct ScalarOutcome {
  package let reward: Float
  package let isTerminated: Bool

  package init(reward: Float, isTerminated: Bool) {
    self.reward = reward
    self.isTerminated = isTerminated
  }
}

/// The dynamics of one kind of environment: its kernels and sizes. ``NativeEnvironment`` adds states and episodes.
///
/// The arithmetic has Gymnasium's order and precision, so that both give the same trajectory from the same state. A
/// continuous action outside its bounds is clipped.
struct Dynamics: Sendable {
  /// The name in Gymnasium.
  let name: String
  let observationSize: Int
  /// Numbers in the state, which are in Gymnasium's order.
  let stateSize: Int
  /// The action space, which has one column.
  let part: ActionPart
  let maxEpisodeSteps: Int
  let kernels: EnvironmentKernels

  static let all = [
    Dynamics(
      name: "CartPole-v1", observationSize: 4, stateSize: 4, part: ActionPart(.categorical, size: 2),
      maxEpisodeSteps: 500, kernels: KernelSet.best.cartPole),
    Dynamics(
      name: "Pendulum-v1", observationSize: 3, stateSize: 2, part: ActionPart(.gaussian, size: 1, low: -2, high: 2),
      maxEpisodeSteps: 200, kernels: KernelSet.best.pendulum),
    Dynamics(
      name: "Acrobot-v1", observationSize: 6, stateSize: 4, part: ActionPart(.categorical, size: 3),
      maxEpisodeSteps: 500, kernels: KernelSet.best.acrobot),
    Dynamics(
      name: "MountainCar-v0", observationSize: 2, stateSize: 2, part: ActionPart(.categorical, size: 3),
      maxEpisodeSteps: 200, kernels: KernelSet.best.mountainCar),
    Dynamics(
      name: "MountainCarContinuous-v0", observationSize: 2, stateSize: 2,
      part: ActionPart(.gaussian, size: 1, low: -1, high: 1), maxEpisodeSteps: 999,
      kernels: KernelSet.best.mountainCarContinuous),
  ]
}
