import PolicyGradient
import Testing

struct EnvironmentRegistryTests {
  @Test(arguments: [
    ("CartPole-v1", 4, ActionPart(.categorical, size: 2), 500),
    ("Pendulum-v1", 3, ActionPart(.gaussian, size: 1, low: -2, high: 2), 200),
    ("Acrobot-v1", 6, ActionPart(.categorical, size: 3), 500),
    ("MountainCar-v0", 2, ActionPart(.categorical, size: 3), 200),
    ("MountainCarContinuous-v0", 2, ActionPart(.gaussian, size: 1, low: -1, high: 1), 999),
    ("MinAtar/Breakout-v1", 400, ActionPart(.categorical, size: 3), nil),
    ("MinAtar/Asterix-v1", 400, ActionPart(.categorical, size: 5), nil),
    ("MinAtar/Freeway-v1", 700, ActionPart(.categorical, size: 3), nil),
    ("MinAtar/Seaquest-v1", 1_000, ActionPart(.categorical, size: 6), nil),
    ("MinAtar/SpaceInvaders-v1", 600, ActionPart(.categorical, size: 4), nil),
  ])
  func everyNameGivesAnEnvironmentWithItsSpaces(name: String, size: Int, part: ActionPart, limit: Int?) throws {
    let environment = try makeEnvironment(named: name, count: 3)
    #expect(environment.count == 3 && environment.observationSize == size)
    #expect(environment.parts == [part] && environment.maxEpisodeSteps == limit)
  }

  @Test func namesAreAllThatCanBeMade() throws {
    #expect(environmentNames.count == 10)
    for name in environmentNames { _ = try makeEnvironment(named: name, count: 1) }
  }

  @Test(arguments: ["CartPole-v0", "cartpole-v1", "CartPol-v1"])
  func aNearNameIsSuggested(name: String) {
    let refused = refusal { _ = try makeEnvironment(named: name, count: 1) }
    #expect(refused?.reason == .invalidArgument)
    #expect(
      refused?.message
        == "name is \"\(name)\", which is not a native environment; did you mean \"CartPole-v1\"?; "
        + "it must be one of CartPole-v1, Pendulum-v1, Acrobot-v1, MountainCar-v0, MountainCarContinuous-v0, "
        + "MinAtar/Breakout-v1, MinAtar/Asterix-v1, MinAtar/Freeway-v1, MinAtar/Seaquest-v1, "
        + "MinAtar/SpaceInvaders-v1")
  }

  @Test func tooManyObservationsAreRefused() {
    // 2²⁰ × 400 floats fit; 2²⁰ × 65,536 do not.
    struct Wide: ScalarEnvironment {
      static let name = "Wide"
      static let stateSize = 0
      static let observationSize = 65_536
      static let parts = [ActionPart(.categorical, size: 2)]
      mutating func reset(random: inout EpisodeRandom) {}
      mutating func step(_ action: UnsafePointer<Float>, random: inout EpisodeRandom) -> ScalarOutcome {
        ScalarOutcome(reward: 0, isTerminated: false)
      }
      func observe(into observation: UnsafeMutablePointer<Float>) {}
      func writeState(to numbers: UnsafeMutablePointer<Double>) {}
      init() {}
      init?(state numbers: UnsafePointer<Double>) {}
    }
    let refused = refusal { _ = try ReplicatedEnvironment<Wide>(count: 1_048_576) }
    #expect(refused?.reason == .invalidArgument)
    #expect(refused?.message.hasPrefix("environments × observation size is 68719476736") == true)
  }

  @Test(arguments: ["", "Ant-v5", "\u{0}", String(repeating: "x", count: 100_000)])
  func aFarNameIsRefusedWithTheKnownOnes(name: String) {
    let message = refusal { _ = try makeEnvironment(named: name, count: 1) }?.message ?? ""
    #expect(
      !message.contains("did you mean") && message.contains("it must be one of CartPole-v1") && message.count < 400)
  }

  @Test(arguments: [0, -1, 1_048_577, Int.max, Int.min])
  func aCountOutOfRangeIsRefused(count: Int) {
    let refused = refusal { _ = try makeEnvironment(named: "CartPole-v1", count: count) }
    #expect(refused?.message == "the number of environments is \(count); it must lie in [1, 1048576]")
  }
}
