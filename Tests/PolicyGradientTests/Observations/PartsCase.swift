import Testing

@testable import PolicyGradient

/// A policy whose observation is a vector, a choice, an embedded choice and an image.
struct PartsCase: Sendable, CustomTestStringConvertible {
  static let image = ImageShape(height: 5, width: 6, channels: 2)
  private static let parts: [ObservationPart] = [.choice(4), .vector(3), .choice(5, embedding: 3)]
  /// 1 + 3 + 1 + 60.
  static let columns = 65

  var encoder = EncoderKind.automatic
  var sharesTrunk = false
  /// Whether the value function has its own encoder.
  var hasValueEncoder = false
  var kind = ObservationPart.Kind.image
  var hidden = [6]

  var testDescription: String {
    "\(kind.name) \(encoder)\(sharesTrunk ? " shared" : "")\(hasValueEncoder ? " apart" : "") \(hidden)"
  }

  static let all = [
    PartsCase(), PartsCase(encoder: .impala), PartsCase(sharesTrunk: true), PartsCase(encoder: .minatar, hidden: []),
    PartsCase(hasValueEncoder: true), PartsCase(kind: .floatImage),
  ]

  var parts: [ObservationPart] { PartsCase.parts + [.image(PartsCase.image, kind)] }

  var configuration: PolicyConfiguration {
    var configuration = PolicyConfiguration(
      observationSize: PartsCase.columns,
      parts: [ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 1)])
    configuration.observationParts = parts
    configuration.encoder = encoder
    configuration.hiddenSizes = hidden
    configuration.sharesTrunk = sharesTrunk
    configuration.hasValueEncoder = hasValueEncoder
    return configuration
  }

  func policy() throws -> Policy {
    let policy = try Policy(configuration)
    var random = TestRandom(31)
    for i in 0..<policy.parameters.count { policy.parameters.pointer[i] += Float(0.1 * random.normal()) }
    return policy
  }

  func observations(_ rows: Int, _ random: inout TestRandom) -> [Float] {
    (0..<rows).flatMap { _ -> [Float] in
      let row = [Float(random.below(4))] + random.normals(3) + [Float(random.below(5))]
      let count = PartsCase.image.count
      return row + (kind == .image ? (0..<count).map { _ in Float(random.below(256)) } : random.normals(count))
    }
  }

  // MARK: In double precision

  /// The numbers of the parameters that read the observation.
  private var readerCount: Int {
    configuration.observationParts.reduce(0) { $0 + $1.parameterCount(encoder.encoder(for:), hasBias: true) }
  }

  /// What hidden layers read.
  func features(_ parameters: [Double], _ row: [Float]) -> [Double] {
    var choice = [Double](repeating: 0, count: 4)
    choice[Int(row[0])] = 1
    let start = Int(row[4]) * 3
    let embedding = Array(parameters[start..<start + 3])
    let pixels = row[5...].map { Double($0) / (kind == .image ? 255 : 1) }
    let image = ReferenceImages.encode(
      encoder.encoder(for: PartsCase.image), pixels, PartsCase.image, Array(parameters[15...]))
    return choice + doubles(Array(row[1...3])) + embedding + image
  }

  /// log π(a|s) and V(s).
  func evaluate(_ parameters: [Double], _ row: [Float], _ action: [Float]) -> (logProbability: Double, value: Double) {
    let features = features(parameters, row)
    var (configuration, left) = (configuration, Array(parameters[readerCount...]))
    (configuration.observationSize, configuration.observationParts) = (features.count, [])
    (configuration.encoder, configuration.hasValueEncoder) = (.automatic, false)
    var valueFeatures = features
    if hasValueEncoder {
      // The value function's readers lie between the policy's parameters and its own.
      let start = ReferencePolicy(configuration, parameters: []).valueStart
      valueFeatures = self.features(Array(left[start...]), row)
      left.removeSubrange(start..<start + readerCount)
    }
    let networks = ReferencePolicy(configuration, parameters: left)
    return (networks.logProbability(features, action), networks.value(valueFeatures))
  }
}
