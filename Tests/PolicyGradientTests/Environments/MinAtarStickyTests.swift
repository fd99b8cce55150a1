import PolicyGradient
import Testing

/// A game that shows the move it was last given, in row 0.
private struct Echo: MinAtarGame {
  static let name = "Echo"
  static let stateSize = 1
  static let channels = 1
  static let actions = 3

  static func move(for action: Int) -> MinAtarMove { action == 0 ? .stay : action == 1 ? .fire : .left }

  private var last = MinAtarMove.stay

  mutating func reset(random: inout EpisodeRandom) { last = .stay }

  mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome {
    last = move
    return ScalarOutcome(reward: Float(random.uniform()), isTerminated: false)
  }

  func draw(on screen: MinAtarScreen) { screen.set(row: 0, column: Int(last.rawValue), channel: 0) }

  init() {}

  init?(state numbers: UnsafePointer<Double>) {
    guard let last = UInt8(exactly: numbers[0]).flatMap(MinAtarMove.init) else { return nil }
    self.last = last
  }

  func writeState(to numbers: UnsafeMutablePointer<Double>) { numbers[0] = Double(last.rawValue) }
}

struct MinAtarStickyTests {
  @Test func theFirstWordOfAStepDecidesWhetherItRepeatsTheLastMove() throws {
    let harness = try EnvironmentHarness(ReplicatedEnvironment<MinAtar<Echo>>(count: 2))
    #expect(harness.environment.observationSize == 100)
    try harness.environment.reset(seed: 3)
    var last = [MinAtarMove.stay, .stay]
    var repeats = 0
    for step in 1...2_000 as ClosedRange<UInt32> {
      let actions = [Float(step % 3), Float((step + 1) % 3)]
      try harness.step(actions)
      for row in 0..<2 {
        var random = EpisodeRandom(seed: 3, environment: row, episode: 0, step: step)
        if random.uniform() < 0.1 {
          repeats += 1
        } else {
          last[row] = Echo.move(for: Int(actions[row]))
        }
        #expect(harness.rewards.array[row] == Float(random.uniform()))
        let seen = harness.observations[100 * row..<100 * row + 10]
        #expect(seen.firstIndex(of: 1) == 100 * row + Int(last[row].rawValue))
      }
    }
    // 0.1 of 4,000, with a standard deviation of 19; five of them.
    #expect(abs(repeats - 400) < 95)
  }

  @Test func theFirstStepOfEachEpisodeCanOnlyRepeatStay() throws {
    // Paddle at 4; action 1 is "left". On an episode's first step the paddle moves, unless the step repeats "stay".
    let count = 400
    let harness = try EnvironmentHarness("MinAtar/Breakout-v1", count: count)
    try harness.environment.reset(seed: 12)
    for _ in 0..<40 { try harness.step([Float](repeating: 1, count: count)) }
    try harness.environment.reset(seed: 12)
    try harness.step([Float](repeating: 1, count: count))
    for row in 0..<count {
      var random = EpisodeRandom(seed: 12, environment: row, episode: 0, step: 1)
      let column = random.uniform() < 0.1 ? 4 : 3
      #expect(harness.observations[400 * row + 360 + 4 * column] == 1)
    }
  }
}
