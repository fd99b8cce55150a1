/// Who moved an environment last, so that an agent does not act on observations that another has left behind.
package final class EnvironmentUse {
  /// The agent that made every reset and step since its own reset; `nil` once anybody else made one.
  private(set) weak var follower: AnyObject?
  /// Whether the last to move the environment reset it, or put it into a state, and has not stepped it since.
  private(set) var isAtStart = false

  package init() {}

  /// An agent moves the environment from now on.
  func follow(_ agent: AnyObject) {
    follower = agent
    isAtStart = false
  }

  /// Somebody else has reset the environment, or put it into a state.
  package func wasReset() {
    follower = nil
    isAtStart = true
  }

  /// Somebody else has stepped the environment.
  package func wasStepped() {
    follower = nil
    isAtStart = false
  }
}
