import Foundation
import Testing

@testable import Oracle
@testable import PolicyGradient

/// The step of NPG against (F + damping)⁻¹ g, computed in double precision from an MDP's tables.
struct NaturalGradientTests {
  private static let environments = 6
  private static let steps = 40
  private static let gamma = 0.9
  private static let lambda = 0.8
  private static let target = 1e-3

  @Test(arguments: [[], [5]], [0.1, 1e-2])
  func theStepMatchesTheExactFisherMatrix(hidden: [Int], damping: Double) throws {
    let mdp = try makeGarnet(states: 6, actions: 3, branching: 2, seed: 3, gamma: Self.gamma, horizon: 9)
    let policy = try scrambledPolicy(for: mdp, hidden: hidden)
    // V = 0, so that advantages are sums of rewards.
    for index in policy.distributionOffset..<policy.parameters.count { policy.parameters.pointer[index] = 0 }
    let start = policy.parameters.array
    let before = try TabularPolicy(policy, in: mdp)

    let agent = try Agent(policy, configuration(damping: damping))
    let record = try Record(MDPEnvironment(mdp, count: Self.environments))
    try agent.train(in: record, timesteps: 1) { _ in true }

    let moved = zip(policy.parameters.array, start).prefix(policy.distributionOffset).map { Double($0) - Double($1) }
    let (expected, norm) = try step(before, record, size: policy.distributionOffset, damping: damping)
    #expect(relativeError(moved, expected) < 2e-3)

    let update = agent.statistics.update
    #expect(abs(update.gradientNorm - norm) < 1e-5 * norm)
    let after = try TabularPolicy(policy, in: mdp)
    let n = Double(record.states.count)
    var (surrogate, divergence) = (0.0, 0.0)
    for (row, state) in record.states.enumerated() {
      let pair = state * 3 + record.actions[row]
      surrogate += exp(after.logProbabilities[pair] - before.logProbabilities[pair]) * record.advantages[row] / n
      for pair in state * 3..<state * 3 + 3 {
        divergence +=
          before.probabilities[pair] * (before.logProbabilities[pair] - after.logProbabilities[pair]) / n
      }
    }
    #expect(abs(update.policyLoss + surrogate) < 1e-5)
    #expect(abs(update.approximateKL - divergence) < 1e-6)
    // To second order the divergence is the target's, less what the damping takes.
    #expect(divergence < 1.1 * Self.target)
  }

  private func configuration(damping: Double) -> AgentConfiguration {
    var configuration = AgentConfiguration(.npg)
    configuration.environments = Self.environments
    configuration.steps = Self.steps
    configuration.batchSize = 80
    configuration.gamma = Self.gamma
    configuration.gaeLambda = Self.lambda
    configuration.targetKL = Self.target
    configuration.cgDamping = damping
    configuration.cgMaxSteps = 60
    configuration.advantageNormalization = .off
    return configuration
  }

  /// √(2δ / xᵀ(F + damping) x) x with x = (F + damping)⁻¹ g, and ‖g‖.
  private func step(
    _ policy: TabularPolicy, _ record: Record, size: Int, damping: Double
  ) throws -> (step: [Double], gradientNorm: Double) {
    let n = Double(record.states.count)
    var gradient = [Double](repeating: 0, count: policy.parameterCount)
    let fisher = try Buffer<Double>(count: size * size)
    for index in 0..<size { fisher.pointer[index * (size + 1)] = damping }
    for (row, state) in record.states.enumerated() {
      for action in 0..<3 {
        var score = [Double](repeating: 0, count: policy.parameterCount)
        var weights = [0.0, 0, 0]
        weights[action] = 1
        policy.accumulateScore(state: state, weights: weights[...], into: &score)
        let probability = policy.probabilities[state * 3 + action]
        for i in 0..<size {
          for j in 0..<size { fisher.pointer[i * size + j] += probability * score[i] * score[j] / n }
        }
        guard action == record.actions[row] else { continue }
        for i in 0..<size { gradient[i] += record.advantages[row] * score[i] / n }
      }
    }
    let solution = try LinearSystem(fisher, size: size).solve(Array(gradient.prefix(size)))
    let curvature = zip(solution, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    let length = (2 * Self.target / curvature).squareRoot()
    return (solution.map { length * $0 }, OracleTests.norm(gradient))
  }

  /// An environment that records its steps. Advantages are computed with V = 0.
  private final class Record: VectorEnvironment {
    let use = EnvironmentUse()
    private(set) var states: [Int] = []
    private(set) var actions: [Int] = []
    private var rewards: [Double] = []
    private var ended: [Bool] = []
    private let env: MDPEnvironment

    init(_ env: MDPEnvironment) { self.env = env }

    var count: Int { env.count }
    var observationSize: Int { env.observationSize }
    var parts: [ActionPart] { env.parts }
    var maxEpisodeSteps: Int? { nil }
    var observations: UnsafePointer<Float>? { env.observations }

    func reset(seed: UInt64, groupSize: Int) { env.reset(seed: seed, groupSize: groupSize) }

    func step(_ choices: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal) {
      var numbers = [Double](repeating: 0, count: count)
      env.copyStates(into: &numbers)
      states += numbers.map { Int($0) }
      try env.step(choices, into: outputs)
      for row in 0..<count {
        actions.append(Int(choices[row]))
        rewards.append(Double(outputs.rewards[row]))
        ended.append(outputs.terminated[row] == 1)
      }
    }

    /// A_t = Σ_k (γλ)^k r_{t+k} to the end of the episode or of the rollout.
    var advantages: [Double] {
      var result = rewards
      for row in rewards.indices.reversed() where row + count < rewards.count && !ended[row] {
        result[row] += gamma * lambda * result[row + count]
      }
      return result
    }
  }
}
