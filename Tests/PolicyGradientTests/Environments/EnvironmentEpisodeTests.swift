import PolicyGradient
import Testing

struct EnvironmentEpisodeTests {
  @Test(arguments: [
    ("Pendulum-v1", 200), ("MountainCar-v0", 200), ("MountainCarContinuous-v0", 999), ("Acrobot-v1", 500),
  ])
  func anEpisodeIsTruncatedOnItsLastAllowedStepAndTheNextCountsFromZero(name: String, limit: Int) throws {
    // Without force none of these ends by itself.
    let idle: Float = name == "MountainCar-v0" || name == "Acrobot-v1" ? 1 : 0
    let harness = try EnvironmentHarness(name, count: 3)
    try harness.environment.reset(seed: 4)
    for step in 1...2 * limit {
      try harness.step([idle, idle, idle])
      #expect(harness.truncated.array == (step % limit == 0 ? [1, 1, 1] : [0, 0, 0]))
      #expect(harness.terminated.array == [0, 0, 0])
    }
    #expect(harness.environment.maxEpisodeSteps == limit)
  }

  @Test func cartPoleIsTruncatedAfter500Steps() throws {
    // Pushing against the lean and its speed balances for as long as one likes.
    let harness = try EnvironmentHarness("CartPole-v1")
    try harness.environment.reset(seed: 2)
    for step in 1...500 {
      let seen = harness.observations
      try harness.step([seen[2] + 0.2 * seen[3] + 0.05 * seen[0] + 0.1 * seen[1] > 0 ? 1 : 0])
      #expect(harness.terminated.array == [0])
      #expect(harness.truncated.array == [step == 500 ? 1 : 0])
    }
  }

  @Test func aGoalReachedOnTheLastStepIsBothTerminatedAndTruncated() throws {
    // A car that pumps energy arrives after 100 to 200 steps. They start at many places and after many steps of
    // waiting, so that some arrive on step 200 and others a step earlier.
    let count = 2_000
    let harness = try EnvironmentHarness("MountainCar-v0", count: count)
    try harness.setStates((0..<count).flatMap { [-0.6 + 0.01 * Double($0 / 100), 0] })
    var isFirstEpisode = [Bool](repeating: true, count: count)
    for step in 1...200 {
      let seen = harness.observations
      try harness.step((0..<count).map { car in step <= car % 100 ? 1 : seen[2 * car + 1] < 0 ? 0 : 2 })
      let terminated = harness.terminated.array
      let truncated = harness.truncated.array
      if step == 199 { #expect((0..<count).contains { terminated[$0] == 1 && truncated[$0] == 0 }) }
      if step == 200 {
        #expect((0..<count).allSatisfy { truncated[$0] == (isFirstEpisode[$0] ? 1 : 0) })
        #expect((0..<count).contains { isFirstEpisode[$0] && terminated[$0] == 1 })
      }
      for car in 0..<count where terminated[car] == 1 { isFirstEpisode[car] = false }
    }
  }

  @Test func anEndedEpisodeShowsItsLastObservationAndTheNextEpisodesFirst() throws {
    let harness = try EnvironmentHarness("CartPole-v1", count: 2)
    harness.finalObservations.elements.update(repeating: 7)
    try harness.setStates([0, 0, 0, 0, 2.395, 1, 0, 0])
    try harness.step([1, 1])
    #expect(harness.terminated.array == [0, 1])
    let last = harness.finalObservations.array
    // Only the row of the ended episode is written; 2.395 + 0.02 · 1.
    #expect(last[0..<4].allSatisfy { $0 == 7 } && abs(last[4] - 2.415) < 1e-6)
    let next = harness.nextObservations.array
    #expect(abs(next[1] - 0.1951220) < 1e-6)
    #expect(next[4..<8].allSatisfy { abs($0) <= 0.05 } && next[4..<8].contains { $0 != 0 })
    #expect(harness.observations == next)
    #expect(harness.states[4..<8].map { Float($0) } == Array(next[4..<8]))
  }

  @Test func theSameSeedGivesTheSameEpisodesAndAnotherGivesOthers() throws {
    func observations(seed: UInt64) throws -> [Float] {
      let harness = try EnvironmentHarness("CartPole-v1", count: 4)
      try harness.environment.reset(seed: 9)
      try harness.step([1, 0, 1, 0])
      try harness.environment.reset(seed: seed)
      var seen = harness.observations
      for step in 0..<100 {
        try harness.step((0..<4).map { Float(($0 + step / 3) % 2) })
        seen += harness.observations
      }
      return seen
    }
    #expect(try observations(seed: 1) == observations(seed: 1))
    #expect(try observations(seed: 1) != observations(seed: 2))
  }

  @Test func episodesOfAnEnvironmentDependNeitherOnTheirNumberNorOnTheOthersEnds() throws {
    // Environment 2 is always pushed to the right; the others behave differently in each run.
    func firstObservations(count: Int, others: Float) throws -> [Float] {
      let harness = try EnvironmentHarness("CartPole-v1", count: count)
      try harness.environment.reset(seed: 11)
      var seen = Array(harness.observations[8..<12])
      for _ in 0..<60 {
        try harness.step((0..<count).map { $0 == 2 ? 1 : others })
        seen += harness.observations[8..<12]
      }
      return seen
    }
    #expect(try firstObservations(count: 3, others: 1) == firstObservations(count: 64, others: 0))
  }

  @Test func environmentsAndTheirEpisodesBeginDifferently() throws {
    let harness = try EnvironmentHarness("Pendulum-v1", count: 8)
    try harness.environment.reset(seed: 0)
    var first = Set(harness.states)
    for _ in 0..<400 { try harness.step(Array(repeating: 0, count: 8)) }
    first.formUnion(harness.states)
    #expect(first.count == 2 * 8 * 2)
  }

  @Test(arguments: [
    ("CartPole-v1", [(-0.05, 0.05), (-0.05, 0.05), (-0.05, 0.05), (-0.05, 0.05)]),
    ("Pendulum-v1", [(-Double.pi, Double.pi), (-1, 1)]),
    ("Acrobot-v1", [(-0.1, 0.1), (-0.1, 0.1), (-0.1, 0.1), (-0.1, 0.1)]),
    ("MountainCar-v0", [(-0.6, -0.4)]),
    ("MountainCarContinuous-v0", [(-0.6, -0.4)]),
  ])
  func firstStatesAreUniform(name: String, ranges: [(Double, Double)]) throws {
    let count = 4096
    let harness = try EnvironmentHarness(name, count: count)
    try harness.environment.reset(seed: 5)
    let states = harness.states
    let stateSize = states.count / count
    for (k, (low, high)) in ranges.enumerated() {
      let shares = (0..<count).map { (states[$0 * stateSize + k] - low) / (high - low) }.sorted()
      // In single precision the bounds of Acrobot may be met.
      #expect(shares.allSatisfy { $0 > -1e-7 && $0 < 1 + 1e-7 })
      // Kolmogorov-Smirnov at a level of 1e-6: sqrt(-ln(1e-6 / 2) / 2 / 4096) = 0.0421.
      for (i, share) in shares.enumerated() { #expect(abs(share - (Double(i) + 0.5) / Double(count)) < 0.0421) }
    }
    for k in ranges.count..<stateSize { #expect((0..<count).allSatisfy { states[$0 * stateSize + k] == 0 }) }
  }

  @Test func aStateSetIsReadBackAndShownAndItsEpisodeCountsFromZero() throws {
    let harness = try EnvironmentHarness("Pendulum-v1", count: 2)
    try harness.environment.reset(seed: 0)
    for _ in 0..<150 { try harness.step([0, 0]) }
    try harness.setStates([0, 1, Double.pi / 2, -2])
    #expect(harness.states == [0, 1, Double.pi / 2, -2])
    #expect(isNear(harness.observations, [1, 0, 1, 0, 1, -2], within: 1e-7))
    for step in 1...200 {
      try harness.step([0, 0])
      #expect(harness.truncated.array == (step == 200 ? [1, 1] : [0, 0]))
    }
  }

  @Test(arguments: [
    (Double.nan, Refusal.Reason.notFinite), (.infinity, .notFinite), (1_000_001, .invalidArgument),
  ])
  func aStateThatCannotBeIsRefusedByNameAndChangesNothing(value: Double, reason: Refusal.Reason) throws {
    let harness = try EnvironmentHarness("Pendulum-v1", count: 2)
    try harness.setStates([1, 2, 3, 4])
    let refused = refusal { try harness.setStates([0, 0, 0, value]) }
    #expect(refused?.reason == reason)
    #expect(refused?.message.hasPrefix("states[1, 1] is ") == true)
    #expect(harness.states == [1, 2, 3, 4])
  }

  @Test(arguments: environmentNames.filter { !$0.hasPrefix("MinAtar/") })
  func statesOfAnySizeThatIsTakenStayFinite(name: String) throws {
    let extremes: [Double] = [-1_000_000, -12_345.678, 0, 1_000_000]
    for first in extremes {
      for second in extremes {
        let harness = try EnvironmentHarness(name)
        let hasFour = name == "CartPole-v1" || name == "Acrobot-v1"
        try harness.setStates(hasFour ? [first, second, second, first] : [first, second])
        for _ in 0..<5 {
          try harness.step([1])
          #expect(harness.states.allSatisfy(\.isFinite) && harness.observations.allSatisfy(\.isFinite))
          #expect(harness.rewards.array[0].isFinite)
        }
      }
    }
  }

  @Test func aStepBeforeTheFirstResetIsRefused() throws {
    let harness = try EnvironmentHarness("CartPole-v1")
    #expect(harness.environment.observations == nil)
    #expect(refusal { try harness.step([0]) }?.reason == .badState)
  }
}
