import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_observation_moments") @implementation
public func pgrad_policy_observation_moments(
  _ policy: OpaquePointer!, _ means: UnsafeMutablePointer<Double>!, _ variances: UnsafeMutablePointer<Double>!,
  _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let place = try nonNull(count, "count")
    try handle.policy.withMoments { moments in
      place.pointee = moments?.count ?? -1
      guard let moments else { return }
      means?.update(from: moments.means.pointer, count: moments.means.count)
      variances?.update(from: moments.variances.pointer, count: moments.variances.count)
    }
  }
}
