extension ObservationPart {
  /// How files describe a part.
  var text: String {
    "\(kind.rawValue) \(size) \(image.height) \(image.width) \(image.channels) \(embedding)"
  }

  /// The parts that a file describes. Their sizes may still be out of range.
  static func parts(_ text: String) throws(Refusal) -> [ObservationPart] {
    var parts: [ObservationPart] = []
    for word in text.split(separator: ";") {
      let numbers = word.split(separator: " ").compactMap { Int32($0) }
      guard numbers.count == 6, let kind = Kind(rawValue: numbers[0]) else {
        throw Refusal(.badFile, "\"\(word)\" in it does not describe a part of an observation")
      }
      switch kind {
      case .vector: parts.append(.vector(Int(numbers[1])))
      case .choice: parts.append(.choice(Int(numbers[1]), embedding: Int(numbers[5])))
      case .image, .bitmap:
        let sizes = numbers[2...4].map { Int($0) }
        guard sizes.allSatisfy({ (1...Limits.size).contains($0) }) else {
          throw Refusal(.badFile, "\"\(word)\" in it does not describe an image")
        }
        parts.append(.image(ImageShape(height: sizes[0], width: sizes[1], channels: sizes[2]), kind))
      }
    }
    return parts
  }
}
