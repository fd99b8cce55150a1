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
