/// Sums over the ranks that learn together, each from environments of its own.
///
/// Whatever an update decides, it decides from reduced numbers, so that all ranks decide alike.
protocol Reduction: Sendable {
  /// Replaces numbers by their sums over all ranks.
  func sum(_ numbers: UnsafeMutablePointer<Float>, count: Int)
  func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int)
}

/// One rank alone.
struct IdentityReduction: Reduction {
  func sum(_ numbers: UnsafeMutablePointer<Float>, count: Int) {}
  func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int) {}
}
