import CPGrad
import PolicyGradient

@_cdecl("pgrad_policy_assign") @implementation
public func pgrad_policy_assign(_ policy: OpaquePointer!, _ source: OpaquePointer!) -> pgrad_status {
  cStatus(policy, "policy") { (handle: PolicyHandle) throws(Refusal) in
    let source: PolicyHandle = try borrow(source, "source")
    try handle.policy.assign(source.policy)
  }
}
