import PolicyGradient
import Testing

/// A host with two environments of three numbers, whose results a test sets.
private final class Host {
  var resetResult: Int32 = 0
  var firstObservations: [Float] = [1, 2, 3, 4, 5, 6]
  var stepResult: Int32 = 0
  var rewards: [Float] = [0.5, -0.5]
  var terminated: [UInt8] = [0, 0]
  var truncated: [UInt8] = [0, 0]
  var nextObservations: [Float] = [7, 8, 9, 10, 11, 12]
  /// By row; a row that is missing is not written.
  var finalObservations: [Int: [Float]] = [:]

  private(set) var seeds: [UInt64] = []
  private(set) var actions: [[Float]] = []
  private(set) var destroyed = 0

  func callbacks(count: Int = 2, observationSize: Int = 3) -> EnvironmentCallbacks {
    EnvironmentCallbacks(
      count: count, observationSize: observationSize, parts: [ActionPart(.categorical, size: 2)],
      context: Unmanaged.passUnretained(self).toOpaque(),
      reset: { context, seed, observations in
        guard let host = Host.from(context), let observations else { return -1 }
        host.seeds.append(seed)
        Host.write(host.firstObservations, observations)
        return host.resetResult
      },
      step: { context, actions, rewards, terminated, truncated, nextObservations, finalObservations in
        guard let host = Host.from(context), let actions, let rewards, let terminated, let truncated,
          let nextObservations, let finalObservations
        else { return -1 }
        host.actions.append([actions[0], actions[1]])
        Host.write(host.rewards, rewards)
        Host.write(host.terminated, terminated)
        Host.write(host.truncated, truncated)
        Host.write(host.nextObservations, nextObservations)
        for (row, numbers) in host.finalObservations { Host.write(numbers, finalObservations + 3 * row) }
        return host.stepResult
      },
      destroy: { context in Host.from(context)?.destroyed += 1 })
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Host? {
    context.map { Unmanaged<Host>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func write<Number>(_ numbers: [Number], _ pointer: UnsafeMutablePointer<Number>) {
    for (i, number) in numbers.enumerated() { pointer[i] = number }
  }
}

struct EnvironmentCallbackTests {
  private let host = Host()

  private func makeHarness() throws -> EnvironmentHarness {
    let harness = try EnvironmentHarness(CallbackEnvironment(host.callbacks()))
    try harness.environment.reset(seed: 42)
    harness.rewards.elements.update(repeating: 99)
    harness.terminated.elements.update(repeating: 99)
    harness.truncated.elements.update(repeating: 99)
    harness.nextObservations.elements.update(repeating: 99)
    harness.finalObservations.elements.update(repeating: 99)
    return harness
  }

  /// Steps, and expects that nothing was written and the observations are the ones before.
  private func refusedStep() throws -> Refusal? {
    let harness = try makeHarness()
    let refused = refusal { try harness.step([0, 1]) }
    #expect(harness.rewards.array == [99, 99])
    #expect(harness.terminated.array == [99, 99] && harness.truncated.array == [99, 99])
    #expect(harness.nextObservations.array == Array(repeating: 99, count: 6))
    #expect(harness.finalObservations.array == Array(repeating: 99, count: 6))
    #expect(harness.observations == [1, 2, 3, 4, 5, 6])
    return refused
  }

  @Test func theHostGetsSeedAndActionsAndItsAnswerArrives() throws {
    let harness = try makeHarness()
    #expect(harness.observations == [1, 2, 3, 4, 5, 6])
    try harness.step([0, 1])
    #expect(host.seeds == [42] && host.actions == [[0, 1]])
    #expect(harness.rewards.array == [0.5, -0.5])
    #expect(harness.terminated.array == [0, 0] && harness.truncated.array == [0, 0])
    #expect(harness.nextObservations.array == [7, 8, 9, 10, 11, 12])
    #expect(harness.observations == [7, 8, 9, 10, 11, 12])
  }

  @Test func onlyRowsOfEndedEpisodesReceiveFinalObservations() throws {
    host.terminated = [1, 0]
    host.finalObservations = [0: [-1, -2, -3], 1: [-4, -5, -6]]
    let harness = try makeHarness()
    try harness.step([0, 0])
    #expect(harness.finalObservations.array == [-1, -2, -3, 99, 99, 99])
  }

  @Test func anyFlagButZeroIsOne() throws {
    host.terminated = [255, 0]
    host.truncated = [0, 2]
    host.finalObservations = [0: [0, 0, 0], 1: [0, 0, 0]]
    let harness = try makeHarness()
    try harness.step([0, 0])
    #expect(harness.terminated.array == [1, 0] && harness.truncated.array == [0, 1])
  }

  @Test func aFailedResetIsTheHostsError() throws {
    host.resetResult = 3
    let environment = try CallbackEnvironment(host.callbacks())
    let refused = refusal { try environment.reset(seed: 0) }
    #expect(refused == Refusal(.hostError, "the reset callback returned 3; it must return 0 for success"))
    #expect(environment.observations == nil)
  }

  @Test func aFirstObservationThatIsNotFiniteIsRefused() throws {
    host.firstObservations[4] = .infinity
    let environment = try CallbackEnvironment(host.callbacks())
    let refused = refusal { try environment.reset(seed: 0) }
    #expect(
      refused == Refusal(.notFinite, "number 1 of the first observation of environment 1 is inf; it must be finite"))
    #expect(environment.observations == nil)
  }

  @Test func aFirstObservationLeftUnwrittenIsRefused() throws {
    host.firstObservations = [1, 2, 3]
    let environment = try CallbackEnvironment(host.callbacks())
    #expect(refusal { try environment.reset(seed: 0) }?.reason == .notFinite)
  }

  @Test func aFailedStepIsTheHostsError() throws {
    host.stepResult = -7
    #expect(try refusedStep() == Refusal(.hostError, "the step callback returned -7; it must return 0 for success"))
  }

  @Test func aRewardThatIsNotFiniteIsRefused() throws {
    host.rewards[1] = .nan
    #expect(try refusedStep() == Refusal(.notFinite, "the reward of environment 1 is nan; it must be finite"))
  }

  @Test func anObservationThatIsNotFiniteIsRefused() throws {
    host.nextObservations[2] = -.infinity
    #expect(
      try refusedStep()
        == Refusal(.notFinite, "number 2 of the next observation of environment 0 is -inf; it must be finite"))
  }

  @Test func anAnswerLeftUnwrittenIsRefused() throws {
    host.nextObservations = []
    #expect(try refusedStep()?.reason == .notFinite)
    host.nextObservations = [1, 2, 3, 4, 5, 6]
    host.rewards = [0]
    #expect(try refusedStep()?.reason == .notFinite)
  }

  @Test func aTruncatedEpisodeWithoutItsFinalObservationIsRefused() throws {
    host.truncated = [0, 1]
    #expect(
      try refusedStep()
        == Refusal(
          .notFinite,
          "environment 1 was truncated, but step wrote no final observation for it, or only NaN; it must be finite"))
  }

  @Test(arguments: [([1, 0], [0, 0]), ([0, 0], [1, 0]), ([1, 0], [1, 0])] as [([UInt8], [UInt8])])
  func aFinalObservationThatIsNotFiniteIsRefused(terminated: [UInt8], truncated: [UInt8]) throws {
    host.terminated = terminated
    host.truncated = truncated
    host.finalObservations = [0: [1, .infinity, 3]]
    #expect(
      try refusedStep()
        == Refusal(.notFinite, "number 1 of the final observation of environment 0 is inf; it must be finite"))
  }

  @Test func aTerminatedEpisodeMayLeaveOutItsFinalObservation() throws {
    host.terminated = [1, 0]
    let harness = try makeHarness()
    try harness.step([0, 0])
    #expect(harness.terminated.array == [1, 0])
    #expect(harness.finalObservations.array == Array(repeating: 99, count: 6))
  }

  @Test func afterARefusalTheEnvironmentContinues() throws {
    let harness = try makeHarness()
    host.stepResult = 1
    #expect(refusal { try harness.step([0, 0]) } != nil)
    host.stepResult = 0
    try harness.step([0, 0])
    #expect(harness.observations == [7, 8, 9, 10, 11, 12])
  }

  @Test func aStepBeforeTheFirstResetIsRefusedWithoutAskingTheHost() throws {
    let harness = try EnvironmentHarness(CallbackEnvironment(host.callbacks()))
    #expect(refusal { try harness.step([0, 0]) }?.reason == .badState)
    #expect(host.actions.isEmpty && harness.environment.observations == nil)
  }

  @Test func theHostsDestroyIsCalledOnce() throws {
    do {
      let environment = try CallbackEnvironment(host.callbacks())
      environment.takeOwnership()
      try environment.reset(seed: 0)
      #expect(host.destroyed == 0)
    }
    #expect(host.destroyed == 1)
  }

  @Test func destroyIsNotCalledWithoutOwnership() throws {
    _ = try CallbackEnvironment(host.callbacks())
    #expect(host.destroyed == 0)
  }

  @Test(arguments: [(0, 3), (1_048_577, 3), (2, 0), (2, 131_073), (1_048_576, 65_536), (Int.max, Int.max), (-1, -1)])
  func sizesOutOfRangeAreRefusedAndDestroyIsNotCalled(count: Int, observationSize: Int) {
    let callbacks = host.callbacks(count: count, observationSize: observationSize)
    #expect(refusal { _ = try CallbackEnvironment(callbacks) }?.reason == .invalidArgument)
    #expect(host.destroyed == 0)
  }
}
