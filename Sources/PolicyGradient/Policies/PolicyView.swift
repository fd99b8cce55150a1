/// What one call sees of a policy: parameters and normaliser as they were at one moment, whatever other threads do.
final class PolicyView {
  private(set) var parameters: UnsafePointer<Float>
  /// A copy of the policy's normaliser; `nil` if it has none.
  private(set) var normalizer: ObservationNormalizer?
  /// Whether ``normalizer`` is not `nil`; without a reference that would be counted.
  private(set) var isNormalizing = false
  private var version: Int64 = 0

  init(_ parameters: Buffer<Float>) { self.parameters = UnsafePointer(parameters.pointer) }

  /// Takes what the policy shows to readers. The thread holds a slot of the policy's readers until the call ends.
  @inline(__always) func refresh(_ policy: Policy) throws(Refusal) {
    parameters = policy.published.current
    if policy.publishedMoments.currentVersion != version { try refreshNormalizer(policy) }
  }

  @inline(never) private func refreshNormalizer(_ policy: Policy) throws(Refusal) {
    (normalizer, version) = try policy.publishedMoments.read { () throws(Refusal) in
      if let normalizer { return normalizer }
      return try policy.makeNormalizer(limit: 1)
    }
    isNormalizing = normalizer != nil
  }
}
