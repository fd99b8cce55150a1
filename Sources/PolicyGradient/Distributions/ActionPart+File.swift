extension [ActionPart] {
  /// How files describe an action space.
  package var text: String {
    map { "\($0.kind.rawValue) \($0.size) \($0.low) \($0.high)" }.joined(separator: ";")
  }

  /// The parts that a file describes. Their sizes may still be out of range.
  package init(text: String) throws(Refusal) {
    self = []
    for word in text.split(separator: ";") {
      let numbers = word.split(separator: " ")
      guard
        numbers.count == 4, let kind = Int32(numbers[0]).flatMap(ActionPart.Kind.init), let size = Int(numbers[1]),
        let low = Float(numbers[2]), let high = Float(numbers[3])
      else { throw Refusal(.badFile, "\"\(word)\" in it does not describe a part of an action space") }
      append(ActionPart(kind, size: size, low: low, high: high))
    }
  }
}
