import PolicyGradient

// The only places where pointers from C are trusted.

/// The object behind a handle.
func borrow<Object: AnyObject>(
  _ handle: OpaquePointer?, _ name: StaticString, as type: Object.Type = Object.self
) throws(Refusal) -> Object {
  guard let object = Handles.object(handle) else { throw invalidHandle(handle, name) }
  guard Swift.type(of: object) == Object.self else { throw foreignHandle(name) }
  return unsafeDowncast(object, to: Object.self)
}

/// Calls `body` with the object behind a handle.
///
/// Unlike ``borrow(_:_:as:)`` it counts no references, which would take a thirtieth of one action's time.
@inline(__always)
func withObject<Object: AnyObject>(
  _ handle: OpaquePointer?, _ name: StaticString, _ body: (Object) throws(Refusal) -> Void
) throws(Refusal) {
  let found: Void? = try Handles.withObject(handle) { (reference) throws(Refusal) in
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
  if found == nil { throw invalidHandle(handle, name) }
}

@inline(never)
private func invalidHandle(_ handle: OpaquePointer?, _ name: StaticString) -> Refusal {
  Refusal(.invalidHandle, "\(name) is \(handle == nil ? "NULL" : "destroyed, or was never a handle")")
}

@inline(never)
private func foreignHandle(_ name: StaticString) -> Refusal {
  Refusal(.invalidHandle, "\(name) is a handle to an object of another type")
}

/// What threads take turns to use.
protocol Shared: AnyObject {
  var turn: Turn { get }
}

extension Turn {
  /// Runs the body on this thread's turn.
  func take<Result>(_ name: StaticString, _ body: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    let isNew = try begin(name)
    defer { if isNew { end() } }
    return try body()
  }
}

/// Puts a new object's handle where an out-parameter points.
func handOver(_ object: AnyObject, to place: UnsafeMutablePointer<OpaquePointer?>) throws(Refusal) {
  place.pointee = try Handles.ticket(for: object)
}

/// A pointer that must not be NULL.
func nonNull<Pointee>(_ pointer: UnsafePointer<Pointee>?, _ name: StaticString) throws(Refusal) -> UnsafePointer<
  Pointee
> {
  guard let pointer else { throw Refusal(.invalidArgument, "\(name) is NULL") }
  return pointer
}

/// A pointer to write to, that must not be NULL.
func nonNull<Pointee>(
  _ pointer: UnsafeMutablePointer<Pointee>?, _ name: StaticString
) throws(Refusal) -> UnsafeMutablePointer<Pointee> {
  guard let pointer else { throw Refusal(.invalidArgument, "\(name) is NULL") }
  return pointer
}

/// A count of rows, checked so that no product with `columns` overflows.
func rowCount(_ count: Int64, columns: Int, _ name: StaticString = "count") throws(Refusal) -> Int {
  // Hot path: the two calls of `require` cost about 2 % of a small act, so test first.
  if count < 1 || count > Int64(Limits.rows) { try require(count, in: 1...Int64(Limits.rows), "\(name)") }
  if Int(count) * columns > Limits.elements {
    throw Refusal(
      .invalidArgument,
      "\(name) is \(count); it must make at most \(Limits.elements) numbers of \(columns) columns")
  }
  return Int(count)
}

/// Rows of finite numbers to read.
func finiteRows(
  _ values: UnsafePointer<Float>?, _ rows: Int, _ columns: Int, _ name: StaticString
) throws(Refusal) -> UnsafePointer<Float> {
  let values = try nonNull(values, name)
  try checkFinite(values, rows, columns, "\(name)")
  return values
}

/// Refuses flags other than 0 and 1.
func checkFlags(
  _ flags: UnsafePointer<UInt8>, _ rows: Int, _ columns: Int, _ name: StaticString
) throws(Refusal) {
  guard !KernelSet.best.areFlags(flags, rows * columns) else { return }
  for index in 0..<rows * columns where flags[index] > 1 {
    throw Refusal(
      .invalidArgument, "\(name)[\(index / columns), \(index % columns)] is \(flags[index]); it must be 0 or 1")
  }
}

/// A path in UTF-8.
func filePath(_ text: UnsafePointer<CChar>?, _ name: StaticString = "path") throws(Refusal) -> String {
  let given = try nonNull(text, name)
  // Repaired instead of refused, other bytes would name another file.
  guard let text = String(validatingCString: given) else {
    throw Refusal(.invalidArgument, "\(name) is \"\(String(cString: given))\"; it must be UTF-8")
  }
  try require(!text.isEmpty, "\(name)", "\"\"", "name a file")
  return text
}
