import CPGrad
import PolicyGradient

@_cdecl("pgrad_agent_set_reduce") @implementation
public func pgrad_agent_set_reduce(
  _ agent: OpaquePointer!, _ rank: Int32, _ ranks: Int32, _ callback: pgrad_reduce!, _ context: UnsafeMutableRawPointer!
) -> pgrad_status {
  cStatus(agent, "agent") { (agent: Agent) throws(Refusal) in
    let callback: pgrad_reduce? = callback
    guard let callback else { return agent.leaveRanks() }
    let access = agent.access
    try agent.join(rank: Int(rank), of: Int(ranks), version: PGRAD_VERSION) { numbers, count, areDoubles in
      let type = areDoubles ? PGRAD_FLOAT64 : PGRAD_FLOAT32
      return access.suspended { callback(context, numbers, Int64(count), Int32(type.rawValue)) == 0 }
    }
  }
}
