import PolicyGradient
import Testing

@testable import Oracle

@Suite struct StepSamplerTests {
  /// Every cell of every state's table, cut into slices of equal probability: how many fall on a step is its
  /// probability.
  @Test func stepsAreDrawnWithTheProbabilityOfPolicyAndMDP() throws {
    let mdp = try makeGarnet(states: 12, actions: 5, branching: 4, seed: 2, gamma: 0.9, horizon: 0)
    let policy = try TabularPolicy(scrambledPolicy(for: mdp), in: mdp)
    let sampler = StepSampler(mdp, policy)
    let slices = 1_024
    for state in 0..<mdp.states {
      let places = mdp.successors.first[state * mdp.actions]..<mdp.successors.first[(state + 1) * mdp.actions]
      var seen = [Int: Int]()
      for cell in 0..<places.count {
        let word = UInt32((Double(cell) + 0.5) / Double(places.count) * 0x1p32)
        for slice in 0..<slices {
          let step = sampler.draw(state, word, UInt32((Double(slice) + 0.5) / Double(slices) * 0x1p32))
          seen[Int(step.pair) * mdp.states + Int(step.next), default: 0] += 1
        }
      }
      #expect(seen.keys.allSatisfy { $0 / mdp.states / mdp.actions == state })
      for pair in state * mdp.actions..<(state + 1) * mdp.actions {
        for place in mdp.successors.first[pair]..<mdp.successors.first[pair + 1] {
          let next = Int(mdp.successors.states[place])
          let probability = policy.probabilities[pair] * mdp.successors.probabilities[place]
          let share = Double(seen[pair * mdp.states + next, default: 0]) / Double(places.count * slices)
          // A step lies in no more cells than there are, and in each its share is off by at most half a slice; a table
          // holds 32 bits.
          #expect(abs(share - probability) <= 0.5 / Double(slices) + 1e-9)
        }
      }
    }
  }

  @Test func aStepIntoATerminalStateEndsTheTrajectory() throws {
    let mdp = try StandardMDP.bandit.make(gamma: 1, horizon: 0)
    let sampler = StepSampler(mdp, try TabularPolicy(scrambledPolicy(for: mdp), in: mdp))
    for word in stride(from: UInt32(0), to: .max - 0x0fff_ffff, by: 0x0fff_ffff) {
      let step = sampler.draw(0, word, ~word)
      #expect(step.next == StepSampler.ended)
      #expect(step.reward == 0 || step.reward == 1)
    }
  }
}
