import CPGrad
import PolicyGradient

nonisolated(unsafe) private let version: UnsafeMutablePointer<CChar>? = strdup(PGRAD_VERSION)
nonisolated(unsafe) private let kernels: UnsafeMutablePointer<CChar>? = strdup(KernelSet.best.name)

@_cdecl("pgrad_version") @implementation
public func pgrad_version() -> UnsafePointer<CChar>! { UnsafePointer(version) }

@_cdecl("pgrad_abi_version") @implementation
public func pgrad_abi_version() -> Int32 { PGRAD_ABI_VERSION }

@_cdecl("pgrad_kernels") @implementation
public func pgrad_kernels() -> UnsafePointer<CChar>! { UnsafePointer(kernels) }

@_cdecl("pgrad_last_error") @implementation
public func pgrad_last_error() -> UnsafePointer<CChar>! { LastError.text }

@_cdecl("pgrad_status_name") @implementation
public func pgrad_status_name(_ status: Int32) -> UnsafePointer<CChar>! {
  UnsafeRawPointer(statusName(pgrad_status(rawValue: UInt32(bitPattern: status))).utf8Start).assumingMemoryBound(
    to: CChar.self)
}

private func statusName(_ status: pgrad_status) -> StaticString {
  switch status {
  case PGRAD_OK: "PGRAD_OK"
  case PGRAD_INVALID_ARGUMENT: "PGRAD_INVALID_ARGUMENT"
  case PGRAD_INVALID_HANDLE: "PGRAD_INVALID_HANDLE"
  case PGRAD_NOT_FINITE: "PGRAD_NOT_FINITE"
  case PGRAD_BAD_STATE: "PGRAD_BAD_STATE"
  case PGRAD_OUT_OF_MEMORY: "PGRAD_OUT_OF_MEMORY"
  case PGRAD_UNSUPPORTED: "PGRAD_UNSUPPORTED"
  case PGRAD_IO_ERROR: "PGRAD_IO_ERROR"
  case PGRAD_BAD_FILE: "PGRAD_BAD_FILE"
  case PGRAD_HOST_ERROR: "PGRAD_HOST_ERROR"
  default: "unknown status"
  }
}

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
