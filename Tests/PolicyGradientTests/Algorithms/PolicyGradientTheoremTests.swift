import Foundation
import Testing

@testable import PolicyGradient

/// The engine's gradients over many episodes against the exact gradient, in an environment whose trajectories can all
/// be listed.
struct PolicyGradientTheoremTests {
  /// Two states, two actions. In state 0 action 0 pays 1 and stays, action 1 pays 0 and leads to state 1; in state 1
  /// action 0 pays 3 and ends the episode, action 1 pays -1 and leads back. The third step ends the episode too.
  private struct Chain {
    var state = 0
    var steps = 0

    mutating func step(_ action: Int) -> (reward: Double, ended: Bool) {
      steps += 1
      switch (state, action) {
      case (0, 0): return (1, steps == 3)
      case (0, _):
        state = 1
        return (0, steps == 3)
      case (_, 0): return (3, true)
      default:
        state = 0
        return (-1, steps == 3)
      }
    }

    var observation: [Float] { state == 0 ? [1, 0] : [0, 1] }
  }

  private static let gamma = 0.5

  @Test func wholeTrajectoriesFollowTheExactGradient() throws {
    var configuration = gradientConfiguration(.reinforce)
    configuration.estimator = .wholeTrajectory
    #expect(try standardErrors(configuration) < 4)
  }

  @Test func rewardsToGoWithTheirDiscountFollowTheExactGradient() throws {
    var configuration = gradientConfiguration(.reinforce)
    configuration.estimator = .rewardToGo
    configuration.discountsScores = true
    #expect(try standardErrors(configuration) < 4)
  }

  @Test func rewardsToGoWithoutTheirDiscountDoNot() throws {
    var configuration = gradientConfiguration(.reinforce)
    configuration.estimator = .rewardToGo
    #expect(try standardErrors(configuration) > 8)
  }

  @Test func aBaselineLeavesTheExpectationAsItIs() throws {
    var configuration = gradientConfiguration(.reinforce)
    configuration.estimator = .rewardToGo
    configuration.discountsScores = true
    configuration.hasBaseline = true
    configuration.valueCoefficient = 0
    #expect(try standardErrors(configuration) < 4)
  }

  @Test func theMeanOfTheOthersIsABaselineWithoutBias() throws {
    var configuration = gradientConfiguration(.reinforce)
    configuration.estimator = .leaveOneOut
    configuration.groupSize = 4
    #expect(try standardErrors(configuration) < 4)
  }

  @Test(arguments: [EstimatorKind.groupNormalized, .groupCentered])
  func theMeanOfAllIsOneWithBias(estimator: EstimatorKind) throws {
    // Of groups of two the centred estimator is half as long as the gradient.
    var configuration = gradientConfiguration(.reinforce)
    configuration.estimator = estimator
    configuration.groupSize = 2
    #expect(try standardErrors(configuration) > 8)
  }

  /// How far, at most, the mean gradient of a hundred updates is from the exact one, in standard errors of each
  /// parameter.
  private func standardErrors(_ configuration: AgentConfiguration) throws -> Double {
    let (updates, environments) = (100, 64)
    var configuration = configuration
    configuration.gamma = PolicyGradientTheoremTests.gamma
    configuration.environments = environments
    configuration.episodes = 2
    let policy = try randomPolicy(2, [ActionPart(.categorical, size: 2)], hidden: [], seed: 5)
    let start = policy.parameters.array
    let exact = exactGradient(ReferencePolicy(policy))
    let harness = try AgentHarness(policy, configuration)

    var chains = [Chain](repeating: Chain(), count: environments)
    var sums = [Double](repeating: 0, count: exact.count)
    var squares = sums
    try harness.begin(chains.flatMap(\.observation))
    var done = 0
    while done < updates {
      let actions = try harness.act()
      var (rewards, terminated) = ([Float](), [UInt8]())
      for index in 0..<environments {
        let (reward, ended) = chains[index].step(Int(actions[index]))
        rewards.append(Float(reward))
        terminated.append(ended ? 1 : 0)
        if ended { chains[index] = Chain() }
      }
      guard try harness.observe(rewards: rewards, terminated: terminated, next: chains.flatMap(\.observation)) else {
        continue
      }
      done += 1
      for index in exact.indices {
        let gradient = Double(policy.parameters.pointer[index]) - Double(start[index])
        sums[index] += gradient
        squares[index] += gradient * gradient
      }
      policy.parameters.write(start)
    }
    let n = Double(updates)
    return exact.indices.map { index in
      let mean = sums[index] / n
      let variance = (squares[index] - n * mean * mean) / (n - 1)
      return abs(mean - exact[index]) / (variance / n).squareRoot()
    }.max() ?? .infinity
  }

  /// ∇ Σ_τ p(τ) R(τ) by the policy network's six parameters.
  private func exactGradient(_ reference: ReferencePolicy) -> [Double] {
    (0..<reference.valueStart).map { reference.derivative($0) { expectedReturn($0, Chain(), discount: 1) } }
  }

  private func expectedReturn(_ policy: ReferencePolicy, _ chain: Chain, discount: Double) -> Double {
    var total = 0.0
    for action in 0...1 {
      var next = chain
      let probability = exp(policy.logProbability(doubles(chain.observation), [Float(action)]))
      let (reward, ended) = next.step(action)
      let later = ended ? 0 : expectedReturn(policy, next, discount: discount * PolicyGradientTheoremTests.gamma)
      total += probability * (discount * reward + later)
    }
    return total
  }
}
