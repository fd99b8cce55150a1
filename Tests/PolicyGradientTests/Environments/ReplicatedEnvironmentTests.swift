import PolicyGradient
import Testing

/// An environment with everything the scalar interface offers: two action parts, chance, a time limit and masks.
///
/// Each step draws a ticket and terminates if it is below 0.2. The observation is the ticket, the steps so far, and the
/// last action's columns. Choice `steps % 3` is not allowed.
private struct Lottery: ScalarEnvironment {
  static let name = "Lottery"
  static let observationSize = 4
  static let parts = [ActionPart(.categorical, size: 3), ActionPart(.gaussian, size: 1, low: -2, high: 2)]
  static let maxEpisodeSteps: Int? = 4
  static let hasMasks = true

  private var ticket: Float = 0
  private var steps = 0
  private var choice: Float = 0
  private var amount: Float = 0

  mutating func reset(random: inout EpisodeRandom) {
    self = Lottery()
    ticket = Float(random.uniform())
  }

  mutating func step(_ action: UnsafePointer<Float>, random: inout EpisodeRandom) -> ScalarOutcome {
    (choice, amount) = (action[0], action[1])
    steps += 1
    ticket = Float(random.uniform())
    return ScalarOutcome(reward: choice + 10 * amount, isTerminated: ticket < 0.2)
  }

  func observe(into observation: UnsafeMutablePointer<Float>) {
    (observation[0], observation[1], observation[2], observation[3]) = (ticket, Float(steps), choice, amount)
  }

  func writeMask(to flags: UnsafeMutablePointer<UInt8>) { flags[steps % 3] = 0 }

  static let stateSize = 4

  func writeState(to numbers: UnsafeMutablePointer<Double>) {
    (numbers[0], numbers[1]) = (Double(ticket), Double(steps))
    (numbers[2], numbers[3]) = (Double(choice), Double(amount))
  }

  init() {}

  init?(state numbers: UnsafePointer<Double>) {
    guard let steps = Int(exactly: numbers[1]), steps >= 0 else { return nil }
    (ticket, self.steps) = (Float(numbers[0]), steps)
    (choice, amount) = (Float(numbers[2]), Float(numbers[3]))
  }
}

struct ReplicatedEnvironmentTests {
  private func lottery(_ count: Int) throws -> EnvironmentHarness {
    try EnvironmentHarness(ReplicatedEnvironment<Lottery>(count: count))
  }

  /// What the first word of a step's key scales to.
  private func ticket(_ seed: UInt64, _ environment: Int, _ episode: Int, _ step: Int) -> Float {
    var random = EpisodeRandom(seed: seed, environment: environment, episode: UInt64(episode), step: UInt32(step))
    return Float(random.uniform())
  }

  @Test func everyColumnOfAnActionReachesItsEnvironment() throws {
    let harness = try lottery(3)
    try harness.environment.reset(seed: 1)
    try harness.step([0, 0.5, 1, -1, 2, 2])
    #expect(harness.rewards.array == [5, -9, 22])
    #expect(harness.environment.parts == Lottery.parts && harness.environment.observationSize == 4)
  }

  @Test func episodesEndByTheStructAndByTheLimitAndEveryTicketHasItsKey() throws {
    let (seed, count): (UInt64, Int) = (77, 50)
    let harness = try lottery(count)
    try harness.environment.reset(seed: seed)
    var episodes = [Int](repeating: 0, count: count)
    var steps = episodes
    var ends = Set<[UInt8]>()
    for row in 0..<count { #expect(harness.observations[4 * row] == ticket(seed, row, 0, 0)) }
    for _ in 0..<30 {
      try harness.step((0..<count).flatMap { _ in [2, 1] as [Float] })
      for row in 0..<count {
        steps[row] += 1
        let expected = ticket(seed, row, episodes[row], steps[row])
        let flags = [harness.terminated.array[row], harness.truncated.array[row]]
        ends.insert(flags)
        #expect(flags == [expected < 0.2 ? 1 : 0, steps[row] == 4 ? 1 : 0])
        var seen = Array(harness.nextObservations.array[4 * row..<4 * row + 4])
        if flags != [0, 0] {
          let last = Array(harness.finalObservations.array[4 * row..<4 * row + 4])
          #expect(last == [expected, Float(steps[row]), 2, 1])
          episodes[row] += 1
          steps[row] = 0
          #expect(seen == [ticket(seed, row, episodes[row], 0), 0, 0, 0])
          seen = last
        }
        #expect(seen[0] == expected)
      }
      #expect(harness.observations == harness.nextObservations.array)
    }
    #expect(ends == [[0, 0], [1, 0], [0, 1], [1, 1]])
  }

  @Test func masksBelongToTheCurrentObservations() throws {
    let harness = try lottery(40)
    #expect(harness.environment.masks == nil)
    try harness.environment.reset(seed: 5)
    for _ in 0..<20 {
      let masks = try #require(harness.environment.masks)
      let seen = harness.observations
      for row in 0..<40 {
        let expected = (0..<3).map { UInt8(Int(seen[4 * row + 1]) % 3 == $0 ? 0 : 1) }
        #expect(Array(UnsafeBufferPointer(start: masks + 3 * row, count: 3)) == expected)
      }
      try harness.step((0..<40).flatMap { _ in [0, 0] as [Float] })
    }
  }

  @Test(arguments: ["CartPole-v1", "MinAtar/Breakout-v1"])
  func anEnvironmentWithoutMasksHasNone(name: String) throws {
    let harness = try EnvironmentHarness(name)
    try harness.environment.reset(seed: 0)
    #expect(harness.environment.masks == nil)
  }

  @Test func aGroupBeginsAlikeInEveryEpisodeAndMovesByItsOwnChance() throws {
    let harness = try lottery(12)
    try harness.environment.reset(seed: 9, groupSize: 4)
    let firsts = (0..<12).map { harness.observations[4 * $0] }
    for row in 0..<12 { #expect(firsts[row] == ticket(9, row / 4 * 4, 0, 0)) }
    try harness.step((0..<12).flatMap { _ in [0, 0] as [Float] })
    for row in 0..<12 where harness.terminated.array[row] == 0 {
      #expect(harness.observations[4 * row] == ticket(9, row, 0, 1))
    }
  }

  @Test func snapshotsOfSeveralPartsResumeInTheMiddleOfEpisodes() throws {
    let (source, other) = (try ReplicatedEnvironment<Lottery>(count: 20), try ReplicatedEnvironment<Lottery>(count: 20))
    try snapshotsResume(source, other) { row, step in [Float((row + step) % 3), 0.5] }
  }

  @Test(arguments: environmentNames)
  func snapshotsResumeInTheMiddleOfEpisodes(name: String) throws {
    let source = try #require(try makeEnvironment(named: name, count: 20) as? any RestorableEnvironment)
    let other = try #require(try makeEnvironment(named: name, count: 20) as? any RestorableEnvironment)
    try snapshotsResume(source, other) { row, step in [Float((row + step / 5) % 2)] }
  }

  private func snapshotsResume(
    _ source: any RestorableEnvironment, _ other: any RestorableEnvironment, actions: (Int, Int) -> [Float]
  ) throws {
    let harness = try EnvironmentHarness(source)
    func run(_ harness: EnvironmentHarness) throws -> [Float] {
      var seen: [Float] = []
      for step in 0..<250 {
        try harness.step((0..<20).flatMap { actions($0, step) })
        seen += harness.observations + harness.rewards.array + harness.finalObservations.array
      }
      return seen
    }
    try source.reset(seed: 6, groupSize: 5)
    for step in 0..<230 { try harness.step((0..<20).flatMap { actions($0, step) }) }
    let shown = harness.observations
    let snapshot = try #require(try source.snapshot())
    harness.finalObservations.elements.update(repeating: 0)
    let expected = try run(harness)

    try other.restore(snapshot)
    let resumed = try EnvironmentHarness(other)
    #expect(resumed.observations == shown)
    #expect(try run(resumed) == expected)
  }

  @Test(arguments: environmentNames) func numbersThatAreNoStateAreRefused(name: String) throws {
    let environment = try #require(try makeEnvironment(named: name, count: 3) as? any RestorableEnvironment)
    let harness = try EnvironmentHarness(environment)
    try environment.reset(seed: 2)
    let observations = harness.observations
    for number in [Double.nan, .infinity, -1e300, 1e300, 0.5e9 + 0.5] {
      for place in 0..<environment.stateSize {
        let snapshot = try #require(try environment.snapshot())
        snapshot.numbers.pointer[environment.stateSize + place] = number
        #expect(refusal { try environment.restore(snapshot) }?.reason == .badFile)
      }
    }
    #expect(harness.observations == observations)
  }

  @Test(arguments: ["MinAtar/Breakout-v1", "MinAtar/Asterix-v1"])
  func episodesOfAGameDependNeitherOnTheNumberOfEnvironmentsNorOnTheOthers(name: String) throws {
    func observations(count: Int, others: Float) throws -> [Float] {
      let harness = try EnvironmentHarness(name, count: count)
      try harness.environment.reset(seed: 11)
      var seen: [Float] = []
      for step in 0..<300 {
        seen += harness.observations[800..<1_200]
        try harness.step((0..<count).map { $0 == 2 ? Float(step / 2 % 3) : others })
      }
      return seen
    }
    #expect(try observations(count: 3, others: 1) == observations(count: 65, others: 2))
  }

  @Test func aStepBeforeTheFirstResetIsRefused() throws {
    let harness = try lottery(1)
    #expect(harness.environment.observations == nil)
    #expect(refusal { try harness.step([0, 0]) }?.reason == .badState)
  }
}
