/// Sums over the ranks that learn together, each with its own environments.
///
/// An update makes all decisions from reduced numbers, so that all ranks decide the same.
protocol Reduction: Sendable {
  /// Replaces numbers by their sums over all ranks.
  func sum(_ numbers: UnsafeMutablePointer<Float>, count: Int)
  func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int)
}

/// The reduction of a single rank.
struct IdentityReduction: Reduction {
  func sum(_ numbers: UnsafeMutablePointer<Float>, count: Int) {}
  func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int) {}
}
