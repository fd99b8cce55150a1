import Testing

@testable import PolicyGradient

@Suite struct ObservationPartTests {
  private static let rows = 3

  @Test(arguments: PartsCase.all)
  func resultsAndGradientsMatchDoublePrecision(_ test: PartsCase) throws {
    let rows = ObservationPartTests.rows
    let policy = try test.policy()
    var random = TestRandom(37)
    let observations = test.observations(rows, &random)
    let actions: [Float] = [0, 0.5, 2, -1, 1, 0.25]
    let point = parameters(of: policy)
    func evaluate(_ parameters: [Double]) -> [(logProbability: Double, value: Double)] {
      (0..<rows).map { test.evaluate(parameters, row(observations, $0, PartsCase.columns), row(actions, $0, 2)) }
    }
    let expected = evaluate(point)
    let logProbabilities = try policy.logProbabilities(observations, actions, rows: rows)
    #expect(greatestError(logProbabilities, expected.map(\.logProbability)) < 2e-5)
    #expect(greatestError(try policy.values(observations, rows: rows), expected.map(\.value)) < 2e-5)

    let (weights, slopes): ([Float], [Float]) = ([1.5, -0.75, 0.5], [-1, 2, 0.25])
    let gradient = try wholeGradient(policy, observations, actions, weights: weights, slopes: slopes)
    for tensor in policy.tensors {
      let count = tensor.shape.reduce(1, *)
      var direction = [Double](repeating: 0, count: point.count)
      for i in tensor.offset..<tensor.offset + count { direction[i] = random.normal() }
      let step = 1e-6 / norm(direction)
      let (above, below) = (
        evaluate(zip(point, direction).map { $0 + step * $1 }), evaluate(zip(point, direction).map { $0 - step * $1 })
      )
      var terms: [Double] = []
      for index in 0..<rows {
        let (ahead, behind) = (above[index], below[index])
        terms.append(Double(weights[index]) * (ahead.logProbability - behind.logProbability) / (2 * step))
        terms.append(Double(slopes[index]) * (ahead.value - behind.value) / (2 * step))
      }
      let along = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      #expect(abs(along - terms.reduce(0, +)) < 1e-4 * norm(terms), "\(tensor.name)")
    }
  }

  /// The gradient of Σ w log π(a|s) + g V(s).
  private func wholeGradient(
    _ policy: Policy, _ observations: [Float], _ actions: [Float], weights: [Float], slopes: [Float]
  ) throws -> [Float] {
    let gradient = try Buffer<Float>(count: policy.parameters.count)
    let rows = try Buffer(observations)
    let pass = try PolicyPass(policy.shape)
    pass.forward(Block(rows: weights.count, observations: rows.pointer), policy.parameters.pointer)
    pass.accumulate(
      actions, areDraws: false, weights: weights, entropyWeights: [Float](repeating: 0, count: weights.count),
      prepared: try PreparedWeights(of: policy), gradient: gradient.pointer
    ) { _, result in result.update(from: slopes, count: slopes.count) }
    return withExtendedLifetime(rows) { gradient.array }
  }

  @Test(arguments: [EncoderKind.minatar, .impala])
  func tangentsMatchDoublePrecision(_ encoder: EncoderKind) throws {
    let test = PartsCase(encoder: encoder)
    let layer = ObservationLayer(
      test.parts, "observation", encoder.encoder(for:), hasBias: true, stream: 0, at: 0, .best)
    var random = TestRandom(41)
    let parameters = random.normals(layer.end, scale: 0.2)
    let observations = test.observations(2, &random)
    let run = try LayerRun(layer, parameters: parameters, inputs: observations)
    _ = run.outputs()
    let direction = random.normals(layer.end)
    let tangents = doubles(try run.tangents(direction, inputs: nil))
    func features(_ step: Double) -> [Double] {
      let moved = zip(parameters, direction).map { Double($0) + step * Double($1) }
      return (0..<2).flatMap { test.features(moved, row(observations, $0, PartsCase.columns)) }
    }
    let expected = zip(features(1e-7), features(-1e-7)).map { ($0 - $1) / 2e-7 }
    #expect(relativeError(tangents, expected) < 1e-4)
  }

  @Test(arguments: PartsCase.all) func aRowHasTheSameBitsAloneAndAmongOthers(_ test: PartsCase) throws {
    let policy = try test.policy()
    var random = TestRandom(43)
    let observations = test.observations(100, &random)
    let (actions, _) = try policy.samples(observations, rows: 100)
    let all = try policy.logProbabilities(observations, actions, rows: 100)
    let values = try policy.values(observations, rows: 100)
    for index in 0..<100 {
      let observation = row(observations, index, PartsCase.columns)
      #expect(try policy.logProbabilities(observation, row(actions, index, 2), rows: 1)[0] == all[index])
      #expect(try policy.values(observation, rows: 1)[0] == values[index])
    }
  }

  @Test func aValueEncoderIsDrawnApartAndChangesNothingOfThePolicy() throws {
    let (own, shared) = (
      try Policy(PartsCase(hasValueEncoder: true).configuration), try Policy(PartsCase().configuration)
    )
    let (a, b) = (own.parameters.array, shared.parameters.array)
    #expect(a[..<own.shape.policyEnd] == b[..<own.shape.policyEnd])
    let names = own.tensors.map(\.name)
    #expect(
      names.filter { $0.hasPrefix("value.observation.") }.count == names.filter { $0.hasPrefix("observation.") }.count)
    for tensor in own.tensors where tensor.name.hasPrefix("observation.") && tensor.name.hasSuffix("weight") {
      let other = try #require(own.tensors.first { $0.name == "value.\(tensor.name)" })
      #expect(a[tensor.offset] != a[other.offset])
    }
  }

  @Test func aValueEncoderWithoutLayersToReadWithIsRefused() {
    func refused(_ change: (inout PolicyConfiguration) -> Void) -> Bool {
      var configuration = PartsCase(hasValueEncoder: true).configuration
      change(&configuration)
      return refusal { _ = try Policy(configuration) }?.message.hasPrefix("value_encoder is 1; it must be 0 unless")
        == true
    }
    #expect(refused { $0.sharesTrunk = true })
    #expect(refused { $0.hasValueFunction = false })
    #expect(refused { ($0.observationParts, $0.observationSize) = ([.vector(3), .choice(2)], 4) })
  }

  @Test func vectorsAloneMakeTheSamePolicyAsOneVector() throws {
    var configuration = PolicyConfiguration(observationSize: 5, parts: [ActionPart(.categorical, size: 2)])
    let plain = try Policy(configuration)
    configuration.observationParts = [.vector(2), .vector(3)]
    #expect(try Policy(configuration).parameters.array == plain.parameters.array)
  }

  @Test func onlyVectorsAreNormalised() throws {
    let test = PartsCase()
    let policy = try test.policy()
    let normalizer = try policy.makeNormalizer(limit: 1)
    var random = TestRandom(47)
    let observations = test.observations(20, &random)
    normalizer.merge(observations, rows: 20) { _ in true }
    var normalized = [Float](repeating: .nan, count: observations.count)
    normalizer.normalize(observations, rows: 20, into: &normalized)
    for place in 0..<observations.count {
      let isVector = (1...3).contains(place % PartsCase.columns)
      #expect(isVector ? abs(normalized[place]) <= 1 : normalized[place] == observations[place])
    }
    let vectors = normalized.enumerated().filter { (1...3).contains($0.offset % PartsCase.columns) }
    #expect(vectors.contains { $0.element != observations[$0.offset] })
    #expect(normalizer.moments.means.array[4...].allSatisfy { $0 == 0 })
  }

  @Test(arguments: [PartsCase(encoder: .impala), PartsCase(hasValueEncoder: true)])
  func aFileKeepsTheParts(_ test: PartsCase) throws {
    let policy = try test.policy()
    let folder = try TemporaryFolder()
    try policy.save(folder.path("policy"))
    let loaded = try Policy.load(folder.path("policy"))
    #expect(loaded.configuration == policy.configuration)
    #expect(loaded.parameters.array == policy.parameters.array)
  }
}
