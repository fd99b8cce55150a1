/// What one call sees of a policy: parameters and normaliser as they were at one moment, whatever other threads do. See
/// ``Policy/refresh(_:)``.
final class PolicyView {
  var parameters: UnsafePointer<Float>
  /// A copy of the policy's normaliser; `nil` if it has none.
  private(set) var normalizer: ObservationNormalizer?
  /// Whether ``normalizer`` is not `nil`; without a reference that would be counted.
  private(set) var isNormalizing = false
  /// Of the policy's ``PublishedMoments``.
  private(set) var version: Int64 = 0

  init(_ parameters: Buffer<Float>) { self.parameters = UnsafePointer(parameters.pointer) }

  func setNormalizer(_ normalizer: ObservationNormalizer?, version: Int64) {
    (self.normalizer, self.version) = (normalizer, version)
    isNormalizing = normalizer != nil
  }
}
