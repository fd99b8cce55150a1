import PolicyGradient

// Only the functions in this file trust pointers from C.

/// The object behind a handle.
func borrow<Object: AnyObject>(
  _ handle: OpaquePointer?, _ name: StaticString, as type: Object.Type = Object.self
) throws(Refusal) -> Object {
  guard let object = Handles.object(handle) else { throw unknownHandle(handle, name) }
  guard Swift.type(of: object) == Object.self else { throw foreignHandle(name) }
  return unsafeDowncast(object, to: Object.self)
}

/// Calls `body` with the object behind a handle.
///
/// Unlike ``borrow(_:_:as:)`` it counts no references, which would take 1/30 of the time of one action.
@inline(__always)
func withObject<Object: AnyObject>(
  _ handle: OpaquePointer?, _ name: StaticString, _ body: (Object) throws(Refusal) -> Void
) throws(Refusal) {
  let found: Void? = try Handles.withReference(handle) { (reference) throws(Refusal) in
    let refusal: Refusal? = reference._withUnsafeGuaranteedRef { object in
      guard Swift.type(of: object) == Object.self else { return foreignHandle(name) }
      do throws(Refusal) {
        try body(unsafeDowncast(object, to: Object.self))
        return nil
      } catch {
        return error
      }
    }
    if let refusal { throw refusal }
  }
  if found == nil { throw unknownHandle(handle, name) }
}

@inline(never)
private func unknownHandle(_ handle: OpaquePointer?, _ name: StaticString) -> Refusal {
  Refusal(.invalidHandle, "\(name) is \(handle == nil ? "NULL" : "destroyed, or was never a handle")")
}

@inline(never)
private func foreignHandle(_ name: StaticString) -> Refusal {
  Refusal(.invalidHandle, "\(name) is a handle to an object of another type")
}

/// An object that one thread at a time may use.
protocol ExclusivelyUsed: AnyObject {
  var access: ExclusiveAccess { get }
}

extension ExclusiveAccess {
  /// Runs the body while this thread has access.
  func run<Result>(_ name: StaticString, _ body: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    let isNew = try begin(name)
    defer { if isNew { end() } }
    return try body()
  }
}

/// Makes a handle of a new object and writes it to an out-parameter.
func returnHandle(_ object: AnyObject, to place: UnsafeMutablePointer<OpaquePointer?>) throws(Refusal) {
  place.pointee = try Handles.create(for: object)
}

/// The pointer; refuses NULL.
func nonNull<Pointee>(_ pointer: UnsafePointer<Pointee>?, _ name: StaticString) throws(Refusal) -> UnsafePointer<
  Pointee
> {
  guard let pointer else { throw Refusal(.invalidArgument, "\(name) is NULL") }
  return pointer
}

/// The pointer to write to; refuses NULL.
func nonNull<Pointee>(
  _ pointer: UnsafeMutablePointer<Pointee>?, _ name: StaticString
) throws(Refusal) -> UnsafeMutablePointer<Pointee> {
  guard let pointer else { throw Refusal(.invalidArgument, "\(name) is NULL") }
  return pointer
}

/// A count of rows, checked so that its product with `columns` cannot overflow.
func rowCount(_ count: Int64, columns: Int, _ name: StaticString = "count") throws(Refusal) -> Int {
  // On the hot path, two calls of `require` would take about 2 % of a small act; so this tests first.
  if count < 1 || count > Int64(Limits.rows) { try require(count, in: 1...Int64(Limits.rows), "\(name)") }
  if Int(count) * columns > Limits.elements {
    throw Refusal(
      .invalidArgument,
      "\(name) is \(count); it must be at most \(Limits.elements / columns) for rows of \(columns) columns")
  }
  return Int(count)
}

/// Rows of numbers to read; refuses numbers that are not finite.
func finiteRows(
  _ values: UnsafePointer<Float>?, _ rows: Int, _ columns: Int, _ name: StaticString
) throws(Refusal) -> UnsafePointer<Float> {
  let values = try nonNull(values, name)
  try checkFinite(values, rows, columns, "\(name)")
  return values
}

/// A path in UTF-8.
func filePath(_ text: UnsafePointer<CChar>?, _ name: StaticString = "path") throws(Refusal) -> String {
  let given = try nonNull(text, name)
  // If invalid bytes were repaired, the path would name another file.
  guard let text = String(validatingCString: given) else {
    throw Refusal(.invalidArgument, "\(name) is \"\(String(cString: given))\"; it must be UTF-8")
  }
  try require(!text.isEmpty, "\(name)", "\"\"", "name a file")
  return text
}

/// A text in UTF-8 of at most `limit` bytes. Not more than `limit` + 1 bytes are read.
func utf8Text(
  _ given: UnsafePointer<CChar>?, _ name: StaticString, limit: Int
) throws(Refusal) -> String {
  let given = try nonNull(given, name)
  var count = 0
  while given[count] != 0 {
    count += 1
    try require(count <= limit, "\(name)", "longer than \(limit) bytes", "be at most \(limit) bytes long")
  }
  let bytes = UnsafeBufferPointer(start: given, count: count)
  guard let text = String(validating: bytes.lazy.map(UInt8.init(bitPattern:)), as: UTF8.self) else {
    throw Refusal(.invalidArgument, "\(name) is not valid UTF-8; encode it as UTF-8")
  }
  return text
}

/// Memory for the bytes of a file; `nil` to ask for their number alone.
func writableBytes(
  _ bytes: UnsafeMutableRawPointer?, _ capacity: Int64
) throws(Refusal) -> UnsafeMutableRawBufferPointer? {
  guard let bytes else {
    try require(capacity == 0, "capacity", "\(capacity)", "be 0 if bytes is NULL")
    return nil
  }
  try require(capacity >= 0, "capacity", "\(capacity)", "be at least 0")
  return UnsafeMutableRawBufferPointer(start: bytes, count: Int(capacity))
}

/// The bytes of a file.
func readableBytes(_ bytes: UnsafeRawPointer?, _ size: Int64) throws(Refusal) -> UnsafeRawBufferPointer {
  guard let bytes else { throw Refusal(.invalidArgument, "bytes is NULL") }
  try require(size >= 0, "size", "\(size)", "be at least 0")
  return UnsafeRawBufferPointer(start: bytes, count: Int(size))
}
