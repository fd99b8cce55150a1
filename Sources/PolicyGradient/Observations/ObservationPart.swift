/// One part of an observation: some columns of its row, and how a network reads them.
package struct ObservationPart: Equatable, Sendable {
  package enum Kind: Int32, Sendable, CaseIterable {
    /// Numbers, read as they are. Only these are normalised.
    case vector = 1
    /// One column that holds a choice, 0 to size - 1, read as a one-hot vector or as a learned embedding.
    case choice
    /// Height × width × channels numbers from 0 to 255, channels last, which convolutions read scaled to [0, 1].
    case image
    /// Height × width × channels bits, each 0 or 1, channels last, which convolutions read as they are.
    case bitmap
    /// Height × width × channels numbers, channels last, which convolutions read as they are.
    case floatImage

    /// Whether convolutions read the part.
    package var isImage: Bool { holdsBytes || self == .floatImage }

    /// Whether each number is a whole one from 0 to 255, which rollouts store as a byte.
    var holdsBytes: Bool { self == .image || self == .bitmap }

    package var name: String {
      switch self {
      case .vector: "vector"
      case .choice: "choice"
      case .image: "image"
      case .bitmap: "bitmap"
      case .floatImage: "float image"
      }
    }
  }

  package let kind: Kind
  /// The numbers of a vector or of an image of any kind, or of a choice's possible values.
  package let size: Int
  /// The size of an image of any kind; 0 × 0 × 0 for other parts.
  package let image: ImageShape
  /// The numbers of a choice's learned embedding; 0 for one-hot.
  package let embedding: Int

  private init(_ kind: Kind, size: Int, image: ImageShape, embedding: Int) {
    (self.kind, self.size, self.image, self.embedding) = (kind, size, image, embedding)
  }

  package static func vector(_ size: Int) -> ObservationPart {
    ObservationPart(.vector, size: size, image: ImageShape(height: 0, width: 0, channels: 0), embedding: 0)
  }

  package static func choice(_ size: Int, embedding: Int = 0) -> ObservationPart {
    ObservationPart(.choice, size: size, image: ImageShape(height: 0, width: 0, channels: 0), embedding: embedding)
  }

  /// - Parameter image: Each size at most ``Limits/size``.
  package static func image(_ image: ImageShape, _ kind: Kind = .image) -> ObservationPart {
    ObservationPart(kind, size: image.count, image: image, embedding: 0)
  }

  /// Columns of an observation.
  package var columns: Int { kind == .choice ? 1 : size }

  /// The largest valid number if all numbers must be whole and at least 0; `nil` if any finite number is valid.
  var lastNumber: Float? {
    switch kind {
    case .vector, .floatImage: nil
    case .choice: Float(size - 1)
    case .image: 255
    case .bitmap: 1
    }
  }

  /// The numbers that hidden layers read.
  ///
  /// - Parameter encoder: Returns the encoder of an image.
  func features(_ encoder: (ImageShape) -> Encoder) -> Int {
    switch kind {
    case .vector: size
    case .choice: embedding > 0 ? embedding : size
    case .image, .bitmap, .floatImage: encoder(image).size
    }
  }

  /// The number of parameters.
  func parameterCount(_ encoder: (ImageShape) -> Encoder, hasBias: Bool) -> Int {
    switch kind {
    case .vector: 0
    case .choice: size * embedding
    case .image, .bitmap, .floatImage: encoder(image).parameterCount(image, hasBias: hasBias)
    }
  }

  /// Refuses invalid sizes, and an image that is too small for its encoder.
  func validate(_ name: String, _ encoder: (ImageShape) -> Encoder) throws(Refusal) {
    switch kind {
    case .vector: try require(size, in: 1...Limits.size, "\(name).size")
    case .choice:
      try require(size, in: 2...Limits.size, "\(name).size")
      try require(embedding, in: 0...Limits.size, "\(name).embedding")
    case .image, .bitmap, .floatImage:
      try require(image.height, in: 1...Limits.size, "\(name).height")
      try require(image.width, in: 1...Limits.size, "\(name).width")
      try require(image.channels, in: 1...Limits.size, "\(name).channels")
      try require(
        size <= Limits.size, name, "\(image.height) × \(image.width) × \(image.channels)",
        "have at most \(Limits.size) numbers")
      try encoder(image).validate(image, name)
    }
  }
}

extension [ObservationPart] {
  /// Whether a network reads the observation as it is.
  var areVectors: Bool { allSatisfy { $0.kind == .vector } }

  /// The first column of each part, and the number of columns.
  var places: [Int] { reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.columns) } }
}

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
      case .image, .bitmap, .floatImage:
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
