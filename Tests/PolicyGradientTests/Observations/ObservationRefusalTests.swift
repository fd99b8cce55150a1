import Testing

@testable import PolicyGradient

@Suite struct ObservationRefusalTests {
  private func message(_ change: (inout PolicyConfiguration) -> Void) -> String? {
    var configuration = PartsCase().configuration
    change(&configuration)
    return refusal { try configuration.validate() }?.message
  }

  @Test func partsOutOfRangeAreRefused() {
    func message(_ part: ObservationPart, _ encoder: EncoderKind = .automatic) -> String? {
      self.message {
        ($0.observationParts, $0.encoder, $0.observationSize) = ([.vector(1), part], encoder, 1 + part.columns)
      }
    }
    #expect(message(.choice(1)) == "observation_parts[1].size is 1; it must lie in [2, 131072]")
    #expect(
      message(.choice(2, embedding: -1)) == "observation_parts[1].embedding is -1; it must lie in [0, 131072]")
    #expect(
      message(.image(ImageShape(height: 400, width: 400, channels: 1)))
        == "observation_size is 160001; it must lie in [1, 131072]")
    #expect(
      message(.image(ImageShape(height: 20, width: 40, channels: 3)), .nature)
        == "observation_parts[1] is 20 × 40 pixels; it must have at least 36 × 36 for the nature encoder")
    #expect(message(.image(ImageShape(height: 210, width: 160, channels: 3)), .nature) == nil)
  }

  @Test func sizesThatContradictThePartsAreRefused() {
    #expect(
      message { $0.observationSize = 64 } == "observation_size is 64; it must be the columns of observation_parts, 65")
    #expect(
      message { ($0.observationParts, $0.encoder) = ([], .nature) }
        == "encoder is 2; it must be PGRAD_ENCODER_AUTO without images in observation_parts")
  }

  @Test func choicesAndBytesOutOfRangeAreRefused() throws {
    let test = PartsCase()
    let policy = try test.policy()
    var random = TestRandom(53)
    let observations = test.observations(2, &random)
    func message(_ place: Int, _ value: Float) -> String? {
      var changed = observations
      changed[PartsCase.columns + place] = value
      return refusal { try policy.check(observations: changed, rows: 2, "observations") }?.message
    }
    #expect(
      message(0, 4) == "observations[1, 0] is 4.0; it must be a whole number from 0 to 3, since it belongs to a choice")
    #expect(
      message(4, 0.5)
        == "observations[1, 4] is 0.5; it must be a whole number from 0 to 4, since it belongs to a choice")
    #expect(
      message(9, 256)
        == "observations[1, 9] is 256.0; it must be a whole number from 0 to 255, since it belongs to an image")
    #expect(message(2, .nan) == "observations[1, 2] is nan; it must be finite")
    #expect(message(2, 1e30) == nil)
  }
}
