/// Records who moved an environment last, so that an agent does not act on outdated observations.
package final class EnvironmentUse {
  /// The agent that has made every reset and step since its own reset; `nil` if the host made one of them.
  private(set) weak var agent: AnyObject?
  /// Whether the host has reset the environment, or set its state, and has not stepped it since.
  private(set) var isAtStart = false

  /// The number of the first environment in the keys of random numbers: with several ranks, environments are numbered
  /// over all of them.
  package internal(set) var firstNumber = 0

  package init() {}

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
