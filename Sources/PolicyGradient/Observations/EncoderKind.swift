/// The encoder of all images of an observation.
package enum EncoderKind: Int32, Sendable, CaseIterable {
  /// ``Encoder/nature`` for images of at least 36 × 36 pixels, else ``Encoder/minatar``.
  case automatic = 0
  case minatar, nature, impala

  func encoder(for image: ImageShape) -> Encoder {
    switch self {
    case .automatic: min(image.height, image.width) >= Encoder.nature.leastSize ? .nature : .minatar
    case .minatar: .minatar
    case .nature: .nature
    case .impala: .impala
    }
  }
}
