import PolicyGradient
import Testing

@testable import Oracle

struct RefusalTests {
  private func refused(
    _ change: (inout MDPOutline) -> Void = { _ in }, transitions: [Double] = [1, 0, 0, 1, 0, 1, 1, 0],
    rewards: [Double] = [0, 1, 2, 3], initial: [Double] = [1, 0], terminal: [UInt8] = [0, 0]
  ) -> String? {
    var outline = MDPOutline(states: 2, actions: 2, gamma: 0.9)
    change(&outline)
    return refusal {
      _ = try TabularMDP(
        outline, transitions: transitions, rewards: rewards, initial: initial, terminal: terminal)
    }?.message
  }

  @Test func aGoodTableIsTaken() { #expect(refused() == nil) }

  @Test func rowsThatAreNoDistributionAreNamed() {
    #expect(
      refused(transitions: [1, 0, 0, 1, 0, 1, 0.5, 0.25])
        == "transitions[1, 1] sums to 0.75; it must sum to 1 within 1e-06")
    #expect(
      refused(transitions: [1, 0, -0.5, 1.5, 0, 1, 1, 0]) == "transitions[0, 1, 0] is -0.5; it must be at least 0")
    #expect(refused(transitions: [1, 0, 0, .nan, 0, 1, 1, 0]) == "transitions[0, 1, 1] is nan; it must be finite")
    #expect(refused(initial: [0.5, 0.4]) == "initial sums to 0.9; it must sum to 1 within 1e-06")
    #expect(refused(initial: [2, -1]) == "initial[1] is -1.0; it must be at least 0")
  }

  @Test func rewardsMustBeFinite() {
    #expect(refused(rewards: [0, 1, .infinity, 3])?.hasPrefix("rewards[1, 0] is inf; it must lie in") == true)
    #expect(
      refused({ $0.rewardsDependOnNextState = true }, rewards: [0, 1, 2, 3, 4, .nan, 6, 7])?.hasPrefix(
        "rewards[1, 0, 1] is nan") == true)
  }

  @Test func anUndiscountedProblemWithoutEndIsRefused() {
    #expect(
      refused { $0.gamma = 1 }
        == "gamma is 1, horizon is 0, and no terminal state can be reached from state 0; "
        + "set gamma below 1, a horizon, or more terminal states")
    #expect(refused { ($0.gamma, $0.horizon) = (1, 3) } == nil)
    #expect(refused({ $0.gamma = 1 }, terminal: [0, 1]) == nil)
  }

  @Test func terminalStatesNeedNoRowsAndBeginNoEpisode() {
    #expect(refused(transitions: [1, 0, 0, 1, 9, 9, .nan, 0], rewards: [0, 1, .nan, .nan], terminal: [0, 1]) == nil)
    #expect(refused(terminal: [1, 0]) == "initial[0] is 1.0; it must be 0, since the state is terminal")
    #expect(refused(terminal: [0, 2]) == "terminal[1] is 2; it must be 0 or 1")
  }

  @Test func sizesOutOfRangeAreRefused() {
    #expect(refused { $0.gamma = 1.5 } == "gamma is 1.5; it must lie in [0.0, 1.0]")
    #expect(refused { $0.gamma = .nan } == "gamma is nan; it must lie in [0.0, 1.0]")
    #expect(refused { $0.states = 0 } == "state_count is 0; it must lie in [1, 4096]")
    #expect(refused { $0.actions = 1 } == "action_count is 1; it must lie in [2, 131072]")
    #expect(refused { $0.horizon = -1 } == "horizon is -1; it must lie in [0, 65536]")
    #expect(
      refused { ($0.states, $0.actions) = (4_096, 65_536) }?.hasPrefix("state_count × action_count × state_count")
        == true)
    #expect(
      refused { $0.parts = [ActionPart(.categorical, size: 3)] }
        == "the number of actions that parts allow is 3; it must be action_count, 2")
    #expect(refused { $0.parts = [ActionPart(.gaussian, size: 1)] }?.hasPrefix("parts[0].kind is Gaussian") == true)
    #expect(refused { $0.parts = [] }?.hasPrefix("part_count is 0") == true)
  }

  @Test func aPolicyThatDoesNotFitIsRefused() throws {
    let (chain, bandit) = try (
      StandardMDP.chain.make(gamma: 0.5, horizon: 0), StandardMDP.bandit.make(gamma: 1, horizon: 0)
    )
    let policy = try scrambledPolicy(for: chain)
    #expect(
      refusal { _ = try TabularPolicy(policy, in: bandit) }?.message
        == "the policy's observation_size is 2; it must be the MDP's, 3")
    var bad = parameters(of: policy)
    bad[1] = .nan
    #expect(
      refusal { _ = try TabularPolicy(policy, bad, in: chain) }?.message == "parameters[1] is nan; it must be finite")
  }
}
