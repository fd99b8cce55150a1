extension PolicyConfiguration {
  /// As many as ``Encoder/nature`` has.
  package static let defaultEncoderSize = 512

  /// How networks read an image.
  func encoder(for image: ImageShape) -> Encoder {
    convolutions.isEmpty ? encoder.encoder(for: image) : Encoder(convolutions, size: encoderSize)
  }

  /// Refuses a custom encoder that is out of range or does not fit the other options.
  func validateEncoder() throws(Refusal) {
    let hasImages = observationParts.contains(where: \.kind.isImage)
    try require(
      hasImages || encoder == .automatic, "encoder", "\(encoder.rawValue)",
      "be PGRAD_ENCODER_AUTO without images in observation_parts")
    try require(convolutions.count, in: 0...Limits.layers, "convolution_count")
    try require(encoderSize, in: 1...Limits.size, "encoder_size")
    guard !convolutions.isEmpty else {
      return try require(
        encoderSize == PolicyConfiguration.defaultEncoderSize, "encoder_size", "\(encoderSize)",
        "be \(PolicyConfiguration.defaultEncoderSize) without convolutions")
    }
    try require(hasImages, "convolution_count", "\(convolutions.count)", "be 0 without images in observation_parts")
    try require(
      encoder == .automatic, "encoder", "\(encoder.rawValue)", "be PGRAD_ENCODER_AUTO with convolutions")
    for (index, filter) in convolutions.enumerated() { try filter.validate("convolutions[\(index)]") }
  }
}

// How files describe a custom encoder.

extension PolicyConfiguration {
  func storeEncoder(in fields: inout Fields) {
    guard !convolutions.isEmpty else { return }
    fields.set(
      "convolutions",
      convolutions.map { "\($0.channels) \($0.kernel) \($0.stride) \($0.padding)" }.joined(separator: ";"))
    fields.set("encoder_size", encoderSize)
  }

  mutating func loadEncoder(from fields: Fields) throws(Refusal) {
    guard fields.has("convolutions") else { return }
    for word in try fields.text("convolutions").split(separator: ";") {
      let numbers = word.split(separator: " ").compactMap { Int32($0) }.map { Int($0) }
      guard numbers.count == 4 else { throw Refusal(.badFile, "\"\(word)\" in it does not describe a convolution") }
      convolutions.append(
        ConvolutionFilter(channels: numbers[0], kernel: numbers[1], stride: numbers[2], padding: numbers[3]))
    }
    encoderSize = Int(try fields.get("encoder_size", Int32.self))
  }
}
