/// An environment whose whole state can be read and set.
package protocol StatefulEnvironment: VectorEnvironment {
  /// Numbers in the state of one environment.
  var stateSize: Int { get }

  /// Writes `count` × ``stateSize`` numbers, row-major.
  func copyStates(into states: UnsafeMutablePointer<Double>)

  /// Puts every environment into a given state, as at the start of an episode, and shows it in ``observations``.
  ///
  /// - Parameter states: `count` × ``stateSize`` numbers, row-major, each from -1,000,000 to 1,000,000.
  /// - Throws: `.notFinite` or `.invalidArgument`, naming the first number that cannot be; then nothing has changed.
  func setStates(_ states: UnsafePointer<Double>) throws(Refusal)
}
