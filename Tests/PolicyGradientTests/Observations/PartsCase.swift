import Testing

@testable import PolicyGradient

/// A policy whose observation is a vector, a choice, an embedded choice and an image.
struct PartsCase: Sendable, CustomTestStringConvertible {
  static let image = ImageShape(height: 5, width: 6, channels: 2)
  static let parts: [ObservationPart] = [.choice(4), .vector(3), .choice(5, embedding: 3), .image(image)]
  /// 1 + 3 + 1 + 60.
  static let columns = 65

  var encoder = EncoderKind.automatic
  var sharesTrunk = false
  var hidden = [6]

  var testDescription: String { "\(encoder)\(sharesTrunk ? " shared" : "") \(hidden)" }

  static let all = [
    PartsCase(), PartsCase(encoder: .impala), PartsCase(sharesTrunk: true), PartsCase(encoder: .minatar, hidden: []),
  ]

  var configuration: PolicyConfiguration {
    var configuration = PolicyConfiguration(
      observationSize: PartsCase.columns,
      parts: [ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 1)])
    configuration.observationParts = PartsCase.parts
    configuration.encoder = encoder
    configuration.hiddenSizes = hidden
    configuration.sharesTrunk = sharesTrunk
    return configuration
  }

  func policy() throws -> Policy {
    let policy = try Policy(configuration)
    var random = TestRandom(31)
    for i in 0..<policy.parameters.count { policy.parameters.pointer[i] += Float(0.1 * random.normal()) }
    return policy
  }

  static func observations(_ rows: Int, _ random: inout TestRandom) -> [Float] {
    (0..<rows).flatMap { _ -> [Float] in
      var row = [Float(random.below(4))] + random.normals(3) + [Float(random.below(5))]
      for _ in 0..<image.count { row.append(Float(random.below(256))) }
      return row
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
    let pixels = row[5...].map { Double($0) / 255 }
    let image = ReferenceImages.encode(
      encoder.encoder(for: PartsCase.image), pixels, PartsCase.image, Array(parameters[15...]))
    return choice + doubles(Array(row[1...3])) + embedding + image
  }

  /// log π(a|s) and V(s).
  func evaluate(_ parameters: [Double], _ row: [Float], _ action: [Float]) -> (logProbability: Double, value: Double) {
    let features = features(parameters, row)
    var configuration = configuration
    (configuration.observationSize, configuration.observationParts) = (features.count, [])
    configuration.encoder = .automatic
    let networks = ReferencePolicy(configuration, parameters: Array(parameters[readerCount...]))
    return (networks.logProbability(features, action), networks.value(features))
  }
}
