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

/// Converts the parts of an observation from C. The engine checks their sizes, except those that it cannot hold.
func readObservationParts(
  _ parts: UnsafePointer<pgrad_observation_part>?, _ count: Int64
) throws(Refusal) -> [ObservationPart] {
  try require(count, in: 0...Int64(Limits.parts), "observation_part_count")
  var result: [ObservationPart] = []
  for index in 0..<Int(count) {
    let part = try nonNull(parts, "observation_parts")[index]
    let name = "observation_parts[\(index)]"
    let kind: ObservationPart.Kind = try knownCase(part.kind, "\(name).kind", "a pgrad_observation_kind, 1 to 5")
    func requireZero(_ value: Int32, _ field: String) throws(Refusal) {
      try require(value == 0, "\(name).\(field)", "\(value)", "be 0 for a part of kind \(kind.name)")
    }
    if !kind.isImage {
      try requireZero(part.height, "height")
      try requireZero(part.width, "width")
      try requireZero(part.channels, "channels")
    }
    if kind != .choice { try requireZero(part.embedding, "embedding") }
    switch kind {
    case .vector:
      try require(part.size, in: 1...Int32(Limits.size), "\(name).size")
      result.append(.vector(Int(part.size)))
    case .choice: result.append(.choice(Int(part.size), embedding: Int(part.embedding)))
    case .image, .bitmap, .floatImage:
      try requireZero(part.size, "size")
      for (field, value) in [("height", part.height), ("width", part.width), ("channels", part.channels)] {
        try require(value, in: 1...Int32(Limits.size), "\(name).\(field)")
      }
      result.append(
        .image(ImageShape(height: Int(part.height), width: Int(part.width), channels: Int(part.channels)), kind))
    }
  }
  return result
}

extension pgrad_observation_part {
  init(_ part: ObservationPart) {
    self.init(
      kind: part.kind.rawValue, size: part.kind.isImage ? 0 : Int32(part.size), height: Int32(part.image.height),
      width: Int32(part.image.width), channels: Int32(part.image.channels), embedding: Int32(part.embedding))
  }
}
