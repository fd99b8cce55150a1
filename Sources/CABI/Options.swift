import PolicyGradient

// Structures of options, which begin with their size. New versions add fields only at the end.

/// The largest accepted size. All sizes are multiples of 8, which cut no field.
private let largestSize = 4_096

private func checkStructSize(_ size: Int, _ name: StaticString) throws(Refusal) {
  try require(
    size >= 8 && size <= largestSize && size % 8 == 0, "\(name)", "\(size)",
    "be sizeof of the structure, as its init function writes it")
}

/// Reads a caller's structure. Fields that an older structure lacks are taken from `defaults`; additional fields of a
/// newer structure must be zero.
func readOptions<Options: BitwiseCopyable>(
  _ given: UnsafePointer<Options>?, defaults: Options, _ name: StaticString
) throws(Refusal) -> Options {
  let bytes = UnsafeRawPointer(try nonNull(given, name))
  let size = Int(bytes.loadUnaligned(as: UInt32.self))
  try checkStructSize(size, "struct_size")
  let known = MemoryLayout<Options>.size
  for place in stride(from: known, to: size, by: 1) where bytes.load(fromByteOffset: place, as: UInt8.self) != 0 {
    throw Refusal(
      .unsupported,
      "\(name).struct_size is \(size), but byte \(place) is not 0; this library knows only the first \(known) bytes"
    )
  }
  var options = defaults
  withUnsafeMutableBytes(of: &options) { $0.baseAddress?.copyMemory(from: bytes, byteCount: min(size, known)) }
  return options
}

/// Fills a caller's structure of `size` bytes. Bytes that this library does not know become zero.
func writeOptions<Options: BitwiseCopyable>(
  _ place: UnsafeMutablePointer<Options>?, _ size: Int, with options: Options, _ name: StaticString
) throws(Refusal) {
  let bytes = UnsafeMutableRawPointer(try nonNull(place, name))
  try checkStructSize(size, "struct_size")
  let known = MemoryLayout<Options>.size
  bytes.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  withUnsafeBytes(of: options) { options in
    guard let base = options.baseAddress else { return }
    bytes.copyMemory(from: base, byteCount: min(size, known))
  }
  bytes.storeBytes(of: UInt32(size), as: UInt32.self)
}
