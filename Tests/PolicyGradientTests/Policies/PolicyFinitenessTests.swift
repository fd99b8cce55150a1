import Testing

@testable import PolicyGradient

/// The parameters are the caller's to write, and finite ones may be too large: what they lead to is refused.
@Suite struct PolicyFinitenessTests {
  private static let parts = [ActionPart(.categorical, size: 5), ActionPart(.gaussian, size: 2, low: -1, high: 1)]
  private static let observation: [Float] = [1, -1, 2]

  /// What a call has to say, and whether it left its output, of sevens, alone.
  private static func refusal(
    of call: (_ output: UnsafeMutablePointer<Float>) throws -> Void
  ) throws -> (Refusal?, isUntouched: Bool) {
    let output = try Buffer<Float>([Float](repeating: 7, count: 200))
    do {
      try call(output.pointer)
      return (nil, output.array.allSatisfy { $0 == 7 })
    } catch {
      return (error as? Refusal, output.array.allSatisfy { $0 == 7 })
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
  func everyFunctionRefusesWhatIsNotFiniteAndWritesNothing(_ value: Float) throws {
    let (parts, seen) = (PolicyFinitenessTests.parts, PolicyFinitenessTests.observation)
    let policy = try randomPolicy(3, parts, hidden: [4], seed: 1)
    let sound = try randomPolicy(3, parts, hidden: [4], seed: 2)
    policy.parameters.elements.update(repeating: value)
    let score = try ScoreGradient(policy)
    let vector = [Float](repeating: 1, count: policy.parameters.count)
    let calls: [(String, (UnsafeMutablePointer<Float>) throws -> Void)] = [
      ("actions", { try policy.sample(seen, rows: 1, actions: $0, logProbabilities: $0 + 3) }),
      ("outputs of the network", { try policy.mode(seen, rows: 1, actions: $0) }),
      ("log_probs", { try policy.logProbability(seen, [4, 0, 0], rows: 1, into: $0) }),
      ("entropies", { try policy.entropy(seen, rows: 1, into: $0) }),
      ("values", { try policy.value(seen, rows: 1, into: $0) }),
      ("kls", { try policy.divergence(from: sound, seen, rows: 1, into: $0) }),
      ("kls", { try sound.divergence(from: policy, seen, rows: 1, into: $0) }),
      ("gradient", { try score(seen, [4, 0, 0], weights: [1], rows: 1, into: $0) }),
      ("product", { try score.fisherVector(seen, rows: 1, vector: vector, into: $0) }),
    ]
    for (name, call) in calls {
      let (refusal, isUntouched) = try PolicyFinitenessTests.refusal(of: call)
      #expect(refusal?.reason == .notFinite, "\(name)")
      #expect(refusal?.message.hasPrefix("\(name)[0") == true, "\(refusal?.message ?? name)")
      #expect(isUntouched, "\(name)")
    }
    #expect(policy.draws == 0)
  }

  @Test func aDeviationTooLargeForAFloatIsRefused() throws {
    let policy = try randomPolicy(3, PolicyFinitenessTests.parts, hidden: [4], seed: 3)
    policy.parameters.pointer[policy.distributionOffset + 1] = 100
    let (refusal, isUntouched) = try PolicyFinitenessTests.refusal {
      try policy.sample(PolicyFinitenessTests.observation, rows: 1, actions: $0, logProbabilities: nil)
    }
    #expect(refusal?.message.hasPrefix("actions[0, 2] would be") == true)
    #expect(isUntouched)
  }

  @Test func theRowIsNamedAndNoRowOfAnyBlockIsWritten() throws {
    let policy = try randomPolicy(1, [ActionPart(.gaussian, size: 1)], hidden: [], seed: 4)
    policy.parameters.pointer[0] = 2
    var observations = [Float](repeating: 0.5, count: 150)
    observations[100] = .greatestFiniteMagnitude
    let output = try Buffer<Float>([Float](repeating: 7, count: 150))
    #expect(
      throws: Refusal(
        .notFinite, "outputs of the network[100] would be inf: the observation or the parameters are too large")
    ) { try policy.mode(observations, rows: 150, actions: output.pointer) }
    #expect(output.array.allSatisfy { $0 == 7 })
  }

  @Test func anAgentThatCannotActSaysSoAndActsOnceItCan() throws {
    func agent() throws -> AgentHarness {
      var configuration = AgentConfiguration(.a2c)
      configuration.environments = 2
      let policy = try randomPolicy(3, PolicyFinitenessTests.parts, hidden: [4], seed: 5)
      let harness = try AgentHarness(policy, configuration)
      try harness.begin([1, -1, 2, 0, 0.5, -2])
      return harness
    }
    let (one, other) = (try agent(), try agent())
    let parameters = one.agent.policy.parameters
    let (place, kept) = (one.agent.policy.distributionOffset, parameters.pointer[one.agent.policy.distributionOffset])
    parameters.pointer[place] = 200
    #expect(throws: Refusal.self) { try one.act() }
    parameters.pointer[place] = kept
    #expect(try one.act() == other.act())
  }
}
