import PolicyGradient
import Testing

struct EnvironmentRegistryTests {
  @Test(arguments: [
    ("CartPole-v1", 4, ActionPart(.categorical, size: 2), 500),
    ("Pendulum-v1", 3, ActionPart(.gaussian, size: 1, low: -2, high: 2), 200),
    ("Acrobot-v1", 6, ActionPart(.categorical, size: 3), 500),
    ("MountainCar-v0", 2, ActionPart(.categorical, size: 3), 200),
    ("MountainCarContinuous-v0", 2, ActionPart(.gaussian, size: 1, low: -1, high: 1), 999),
  ])
  func everyNameGivesAnEnvironmentWithGymnasiumsSpaces(name: String, size: Int, part: ActionPart, limit: Int) throws {
    let environment = try makeEnvironment(named: name, count: 3)
    #expect(environment.count == 3 && environment.observationSize == size)
    #expect(environment.parts == [part] && environment.maxEpisodeSteps == limit)
  }

  @Test func namesAreAllThatCanBeMade() throws {
    #expect(environmentNames.count == 5)
    for name in environmentNames { _ = try makeEnvironment(named: name, count: 1) }
  }

  @Test(arguments: ["CartPole-v0", "cartpole-v1", "CartPol-v1"])
  func aNearNameIsSuggested(name: String) {
    let refused = refusal { _ = try makeEnvironment(named: name, count: 1) }
    #expect(refused?.reason == .invalidArgument)
    #expect(
      refused?.message
        == "name is \"\(name)\", which is no native environment; did you mean \"CartPole-v1\"?; "
        + "known are CartPole-v1, Pendulum-v1, Acrobot-v1, MountainCar-v0, MountainCarContinuous-v0")
  }

  @Test(arguments: ["", "Ant-v5", "\u{0}", String(repeating: "x", count: 100_000)])
  func aFarNameIsRefusedWithTheKnownOnes(name: String) {
    let message = refusal { _ = try makeEnvironment(named: name, count: 1) }?.message ?? ""
    #expect(!message.contains("did you mean") && message.contains("known are CartPole-v1") && message.count < 300)
  }

  @Test(arguments: [0, -1, 1_048_577, Int.max, Int.min])
  func aCountOutOfRangeIsRefused(count: Int) {
    let refused = refusal { _ = try makeEnvironment(named: "CartPole-v1", count: count) }
    #expect(refused?.message == "the number of environments is \(count); it must lie in [1, 1048576]")
  }
}
