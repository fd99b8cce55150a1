import CPGrad
import PolicyGradient

@_cdecl("pgrad_set_log_callback") @implementation
public func pgrad_set_log_callback(
  _ callback: pgrad_log_callback!, _ context: UnsafeMutableRawPointer!, _ lowest: Int32
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let callback: pgrad_log_callback? = callback
    guard let callback else { return try Log.setListener(.warning, nil) }
    let lowest: Log.Level = try knownCase(lowest, "lowest", "a pgrad_log_level, 10, 20 or 30")
    nonisolated(unsafe) let context = context
    try Log.setListener(lowest) { level, message in message.withCString { callback(context, level.rawValue, $0) } }
  }
}
