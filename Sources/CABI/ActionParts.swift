import CPGrad
import PolicyGradient

/// Converts an action space from C.
func actionParts(
  _ parts: UnsafePointer<pgrad_action_part>?, _ count: Int64
) throws(Refusal) -> [ActionPart] {
  let parts = try nonNull(parts, "parts")
  try require(count, in: 1...Int64(Limits.parts), "part_count")
  var result: [ActionPart] = []
  for index in 0..<Int(count) {
    let part = parts[index]
    guard let kind = ActionPart.Kind(rawValue: part.kind) else {
      throw Refusal(
        .invalidArgument,
        "parts[\(index)].kind is \(part.kind); it must be a pgrad_part_kind, 1 to \(ActionPart.Kind.allCases.count)")
    }
    result.append(ActionPart(kind, size: Int(part.size), low: part.low, high: part.high))
  }
  return result
}

extension pgrad_action_part {
  init(_ part: ActionPart) {
    self.init(kind: part.kind.rawValue, size: Int32(part.size), low: part.low, high: part.high)
  }
}

/// An array that C code may read as long as this object lives.
final class CArray<Element: BitwiseCopyable> {
  private let buffer: UnsafeMutableBufferPointer<Element>

  init(_ elements: [Element]) {
    buffer = .allocate(capacity: elements.count)
    _ = buffer.initialize(from: elements)
  }

  deinit { buffer.deallocate() }

  var pointer: UnsafePointer<Element>? { UnsafePointer(buffer.baseAddress) }
  var count: Int64 { Int64(buffer.count) }
}
