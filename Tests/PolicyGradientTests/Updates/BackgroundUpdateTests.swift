import Testing

@testable import PolicyGradient

struct BackgroundUpdateTests {
  private func harness(_ mode: UpdateMode, threads: Int = 1) throws -> AgentHarness {
    var configuration = AgentConfiguration(.ppo)
    configuration.environments = 2
    configuration.steps = 32
    configuration.batchSize = 16
    configuration.epochs = 4
    configuration.threads = threads
    configuration.updateMode = mode
    configuration.normalizesObservations = true
    let policy = try randomPolicy(2, [ActionPart(.categorical, size: 3)], hidden: [16], seed: 1)
    let harness = try AgentHarness(policy, configuration)
    try harness.begin([0, 1, 2, 3])
    return harness
  }

  private func run(_ harness: AgentHarness, steps: Range<Int>, _ each: (Int) throws -> Void = { _ in }) throws {
    for step in steps {
      let actions = try harness.act()
      let next = (0..<4).map { Float((step * 7 + $0 * 3) % 11) - actions[$0 / 2] }
      try harness.observe(rewards: actions, next: next)
      try each(step)
    }
  }

  /// The thread, the host that acts, and readers use the policy at the same time.
  @Test(arguments: [1, 2])
  func aThreadLearnsWhileTheAgentActs(threads: Int) throws {
    let (one, other) = (try harness(.deferred), try harness(.inBackground, threads: threads))
    let value = try Buffer<Float>(count: 1)
    try run(one, steps: 0..<200)
    try run(other, steps: 0..<200) { step in
      try other.agent.policy.value(PolicyRows([0.5, -0.5], count: 1), into: value.pointer)
      if step % 10 == 0 { try other.agent.policy.setNote("\(step)") }
      _ = other.agent.statistics
    }
    for each in [one, other] { try each.agent.completeUpdate() }
    #expect(one.agent.statistics.updates == 6)
    #expect(one.parameterBits == other.parameterBits)
  }

  @Test func anAgentThatEndsStopsItsThread() throws {
    let policy: Policy
    do {
      let harness = try harness(.inBackground)
      policy = harness.agent.policy
      try run(harness, steps: 0..<32)
    }
    let fresh = try randomPolicy(2, [ActionPart(.categorical, size: 3)], hidden: [16], seed: 1)
    #expect(policy.parameters.array == fresh.parameters.array)
    #expect(policy.published.current == UnsafePointer(policy.parameters.pointer))
  }

  @Test func aRunThatPausesAfterEveryBlockHasTheBitsOfOneThatDoesNot() throws {
    let policy = try randomPolicy(3, [ActionPart(.categorical, size: 2)], hidden: [8], seed: 2)
    let rollout = try Rollout(
      steps: 1_000, environments: 1, packing: policy.shape.packing, actionSize: 1, flags: 0,
      keepsFinalObservations: false)
    var random = TestRandom(4)
    let observations = random.normals(3_000)
    rollout.observations.pointer.update(from: observations, count: observations.count)
    for _ in 0..<1_000 { rollout.advance() }
    let sequences = try Sequences(rows: 1_000, length: nil, groups: 1, seed: 7, Ranks(), policy.kernels)
    sequences.begin(rollout, batchSize: 1_000)
    let vector = try Buffer<Float>(random.normals(policy.parameters.count))
    for threads in [1, 2] {
      let pass = try RolloutPass(
        policy, WorkerPool(threads: threads), Ranks(), rows: 1_000, steps: 1, comparesPolicies: false)
      pass.prepared.refresh(policy.parameters.pointer)
      let job = FisherJob(
        parameters: policy.parameters.pointer, prepared: pass.prepared, vector: UnsafePointer(vector.pointer))
      func sum(_ budget: TimeBudget) -> (pauses: Int, sum: [Float]) {
        var pauses = 0
        pass.begin(rollout, sequences, 0..<1_000)
        while !pass.advance(job, budget) { pauses += 1 }
        return (pauses, (0..<vector.count).map { pass.sum[$0] })
      }
      let (whole, inPieces) = (sum(.unlimited), sum(.until(0)))
      #expect(whole.pauses == 0 && inPieces.pauses > 1)
      #expect(whole.sum == inPieces.sum)
    }
  }
}
