import Testing

/// One step of each environment, in double precision to 1e-12 and observed in single to 1e-6.
struct EnvironmentDynamicsTests {
  @Test func cartPoleAtRestIsPushedByTheEquations() throws {
    // θ = 0, F = 10: u = 10 / 1.1 = 100/11, θ̈ = -u / (1/2 (4/3 - 1/11)) = -600/41, ẍ = u + 0.05 · 600/41 / 1.1 =
    // 400/41
    let cartPole = try EnvironmentHarness("CartPole-v1")
    try cartPole.setStates([0, 0, 0, 0])
    try cartPole.step([1])
    #expect(isNear(cartPole.states, [0, 0.02 * 400 / 41, 0, -0.02 * 600 / 41], within: 1e-12))
    #expect(isNear(cartPole.nextObservations.array, [0, 0.1951220, 0, -0.2926829], within: 1e-6))
    #expect(cartPole.rewards.array == [1] && cartPole.terminated.array == [0] && cartPole.truncated.array == [0])
  }

  @Test func cartPoleAgreesWithGymnasium() throws {
    // Gymnasium 1.4.0: env.unwrapped.state = [0.1, -0.2, 0.03, 0.4]; env.step(0)
    let cartPole = try EnvironmentHarness("CartPole-v1")
    try cartPole.setStates([0.1, -0.2, 0.03, 0.4])
    try cartPole.step([0])
    #expect(isNear(cartPole.states, [0.096, -0.3955343820057583, 0.038, 0.7019882742589485], within: 1e-12))
  }

  @Test(arguments: [(2.3999, 0.0), (-2.3999, 0.0), (0.0, 0.2094), (0.0, -0.2094)])
  func cartPoleContinuesWithinItsLimits(position: Double, angle: Double) throws {
    let cartPole = try EnvironmentHarness("CartPole-v1")
    try cartPole.setStates([position, 0, angle, 0])
    try cartPole.step([1])
    #expect(cartPole.terminated.array == [0])
  }

  // 12° is 0.20944; an Euler step moves position and angle by the velocities there were: 0.02 · 0.1 = 0.002.
  @Test(arguments: [
    [2.399, 0.1, 0, 0], [-2.399, -0.1, 0, 0], [0, 0, 0.2084, 0.1], [0, 0, -0.2084, -0.1],
  ])
  func cartPoleEndsBeyondItsLimits(state: [Double]) throws {
    let cartPole = try EnvironmentHarness("CartPole-v1")
    try cartPole.setStates(state)
    try cartPole.step([1])
    #expect(cartPole.terminated.array == [1] && cartPole.rewards.array == [1])
  }

  @Test func pendulumFollowsTheEquations() throws {
    // θ̇ ← 1 + 0.05 (15 sin π/2 + 3) = 1.9, θ ← π/2 + 0.095, reward -(π²/4 + 0.1 + 0.001)
    let pendulum = try EnvironmentHarness("Pendulum-v1")
    try pendulum.setStates([Double.pi / 2, 1])
    try pendulum.step([1])
    #expect(isNear(pendulum.states, [Double.pi / 2 + 0.095, 1.9], within: 1e-12))
    #expect(isNear(pendulum.nextObservations.array, [-0.0948572, 0.9954909, 1.9], within: 1e-6))
    #expect(isNear(pendulum.rewards.array, [-2.5684011], within: 1e-6))
  }

  @Test func pendulumTurnsNoFasterThanEight() throws {
    let pendulum = try EnvironmentHarness("Pendulum-v1", count: 2)
    try pendulum.setStates([Double.pi / 2, 7.9, -Double.pi / 2, -7.9])
    try pendulum.step([2, -2])
    #expect(isNear(pendulum.states, [Double.pi / 2 + 0.4, 8, -Double.pi / 2 - 0.4, -8], within: 1e-12))
  }

  @Test func pendulumCostsTheAngleToTheNearestUpright() throws {
    // 2π - 0.1 and 6π + 0.1 lean as far as 0.1 does.
    let pendulum = try EnvironmentHarness("Pendulum-v1", count: 3)
    try pendulum.setStates([2 * Double.pi - 0.1, 0, 6 * Double.pi + 0.1, 0, -4 * Double.pi - 0.1, 0])
    try pendulum.step([0, 0, 0])
    #expect(isNear(pendulum.rewards.array, [-0.01, -0.01, -0.01], within: 1e-7))
  }

  @Test func acrobotHangsStillWithoutTorque() throws {
    let acrobot = try EnvironmentHarness("Acrobot-v1")
    try acrobot.setStates([0, 0, 0, 0])
    try acrobot.step([1])
    #expect(isNear(acrobot.states, [0, 0, 0, 0], within: 1e-15))
    #expect(isNear(acrobot.nextObservations.array, [1, 0, 1, 0, 0, 0], within: 1e-7))
    #expect(acrobot.rewards.array == [-1] && acrobot.terminated.array == [0])
  }

  @Test func acrobotAgreesWithGymnasium() throws {
    // Gymnasium 1.4.0: env.unwrapped.state = [0.1, -0.2, 0.3, -0.4]; env.step(2), and [3, 0.1, 1.5, 0.5]; env.step(0),
    // whose first angle passes π and which ends.
    let acrobot = try EnvironmentHarness("Acrobot-v1")
    try acrobot.setStates([0.1, -0.2, 0.3, -0.4])
    try acrobot.step([2])
    let expected = [0.1282116312891261, -0.211840321026976, -0.023484731535001357, 0.28679521459777013]
    #expect(isNear(acrobot.states, expected, within: 1e-12))
    #expect(acrobot.rewards.array == [-1] && acrobot.terminated.array == [0])

    try acrobot.setStates([3, 0.1, 1.5, 0.5])
    try acrobot.step([0])
    let last: [Float] = [-0.9860383, -0.1665190, 0.9845369, 0.1751774, 1.6540902, 0.2164970]
    #expect(isNear(acrobot.finalObservations.array, last, within: 1e-6))
    #expect(acrobot.rewards.array == [0] && acrobot.terminated.array == [1])
  }

  @Test func mountainCarFollowsTheEquations() throws {
    // v ← 0.001 - 0.0025 cos 1.5 = 0.001 - 0.0025 · 0.0707372016677029
    let car = try EnvironmentHarness("MountainCar-v0")
    try car.setStates([-0.5, 0])
    try car.step([2])
    #expect(isNear(car.states, [-0.499176843004169, 0.000823156995831], within: 1e-14))
    #expect(car.rewards.array == [-1] && car.terminated.array == [0])
  }

  @Test(arguments: ["MountainCar-v0", "MountainCarContinuous-v0"])
  func mountainCarStopsAtTheLeftWall(name: String) throws {
    let car = try EnvironmentHarness(name)
    try car.setStates([-1.19, -0.05])
    try car.step([0])
    #expect(isNear(car.states, [-1.2, 0], within: 1e-7))
    #expect(car.states[1] == 0)
  }

  @Test(arguments: ["MountainCar-v0", "MountainCarContinuous-v0"])
  func mountainCarIsNoFasterThanItsLimit(name: String) throws {
    // cos 3x is -1 at x = -π/3: the slope adds 0.0025.
    let car = try EnvironmentHarness(name)
    try car.setStates([-Double.pi / 3, 0.069])
    try car.step([1])
    #expect(isNear(car.states, [-Double.pi / 3 + 0.07, 0.07], within: 1e-7))
  }

  @Test func mountainCarEndsAtItsGoal() throws {
    let car = try EnvironmentHarness("MountainCar-v0", count: 2)
    try car.setStates([0.45, 0.05, 0.45, 0.04])
    // v ← 0.05 + 0.001 - 0.0025 cos 1.35 = 0.0504525 leads to 0.5004525; from 0.04 it is 0.4904525.
    try car.step([2, 2])
    #expect(car.terminated.array == [1, 0] && car.rewards.array == [-1, -1])
  }

  @Test func continuousMountainCarFollowsTheEquations() throws {
    // v ← 0.0015 · 0.5 - 0.0025 cos 1.5 = 0.000573157, in single precision
    let car = try EnvironmentHarness("MountainCarContinuous-v0")
    try car.setStates([-0.5, 0])
    try car.step([0.5])
    #expect(isNear(car.states, [-0.499426843, 0.000573157], within: 3e-8))
    #expect(isNear(car.rewards.array, [-0.025], within: 1e-8))
  }

  @Test func continuousMountainCarIsPaidForItsGoalLessItsEffort() throws {
    let car = try EnvironmentHarness("MountainCarContinuous-v0")
    try car.setStates([0.44, 0.05])
    try car.step([-1])
    #expect(car.terminated.array == [1])
    #expect(isNear(car.rewards.array, [99.9], within: 1e-5))
  }

  @Test(arguments: ["Pendulum-v1", "MountainCarContinuous-v0"])
  func anActionBeyondItsBoundsCountsAsTheBound(name: String) throws {
    let harness = try EnvironmentHarness(name, count: 4)
    let bound = harness.environment.parts[0].high
    try harness.setStates([-0.5, 0, -0.5, 0, -0.5, 0, -0.5, 0])
    try harness.step([bound, 1e30, -bound, -1e30])
    let (states, rewards) = (harness.states, harness.rewards.array)
    #expect(states[0..<2] == states[2..<4] && states[4..<6] == states[6..<8] && states[1] != states[5])
    #expect(rewards[0] == rewards[1] && rewards[2] == rewards[3])
  }
}
