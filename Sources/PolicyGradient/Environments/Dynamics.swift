import Kernels

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
