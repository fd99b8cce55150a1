import PolicyGradient
import Testing

@testable import Oracle

struct ExactSolutionTests {
  @Test func aBanditsGradientIsItsClosedForm() throws {
    // ∂J/∂z_a = π_a (p_a - J): with π = 1/3 each and p = 0.2, 0.5, 0.8, J = 0.5 and the gradient is -0.1, 0, 0.1.
    let mdp = try StandardMDP.bandit.make(gamma: 1, horizon: 0)
    let policy = try scrambledPolicy(for: mdp, spread: 0)
    let solution = try ExactSolution(TabularPolicy(policy, in: mdp), in: mdp)
    #expect(abs(solution.objective - 0.5) < 1e-15)
    // The weights of state 0 come first; those of the terminal states 1 and 2 are 0; then the biases. The policy's
    // value function has no part in J.
    let expected = [-0.1, 0, 0.1, 0, 0, 0, 0, 0, 0, -0.1, 0, 0.1]
    #expect(isNear(Array(solution.gradient.prefix(12)), expected, within: 1e-15))
    #expect(solution.gradient.dropFirst(12).allSatisfy { $0 == 0 })
  }

  @Test func aChainsValuesAreThoseWorkedByHand() throws {
    // Uniform policy, γ = 1/2: V0 = -0.05 + ½(0.55 V0 + 0.45 V1) and V1 = 0.45 + ½(0.45 V0 + 0.55 V1), whose
    // determinant is 0.725² - 0.225² = 0.475: V0 = 0.065 / 0.475, V1 = 0.315 / 0.475, and d = (0.725, 0.225) / 0.475.
    let mdp = try StandardMDP.chain.make(gamma: 0.5, horizon: 0)
    let solution = try ExactSolution(TabularPolicy(scrambledPolicy(for: mdp, spread: 0), in: mdp), in: mdp)
    let (v0, v1) = (0.065 / 0.475, 0.315 / 0.475)
    #expect(isNear(solution.values, [v0, v1], within: 1e-14))
    #expect(isNear(solution.visitation, [0.725 / 0.475, 0.225 / 0.475], within: 1e-14))
    let go = (-0.1 + 0.5 * (0.1 * v0 + 0.9 * v1), -0.1 + 0.5 * (0.9 * v0 + 0.1 * v1))
    #expect(isNear(solution.actionValues, [0.5 * v0, go.0, 1 + 0.5 * v1, go.1], within: 1e-14))
    #expect(abs(solution.objective - v0) < 1e-15)
  }

  @Test func aFiniteHorizonHasALayerForEachStep() throws {
    // The chain for two steps, γ = 1/2, uniform: the last step is worth -0.05 in state 0 and 0.45 in state 1; the first
    // -0.05 + ½(0.55 · -0.05 + 0.45 · 0.45) = 0.0375 and 0.45 + ½(0.45 · -0.05 + 0.55 · 0.45) = 0.5625.
    let mdp = try StandardMDP.chain.make(gamma: 0.5, horizon: 2)
    let solution = try ExactSolution(TabularPolicy(scrambledPolicy(for: mdp, spread: 0), in: mdp), in: mdp)
    #expect(isNear(solution.values, [0.0375, 0.5625, -0.05, 0.45], within: 1e-15))
    #expect(isNear(solution.visitation, [1, 0, 0.5 * 0.55, 0.5 * 0.45], within: 1e-15))
    #expect(isNear(solution.discountedVisitation, [1.275, 0.225], within: 1e-15))
  }

  @Test(arguments: [0, 1, 7], [0.9, 1])
  func theGradientIsTheSlopeOfTheObjective(horizon: Int, gamma: Double) throws {
    let mdp =
      horizon == 0 && gamma == 1
      ? try StandardMDP.cliff.make(gamma: 1, horizon: 0)
      : try makeGarnet(states: 6, actions: 3, branching: 2, seed: 3, gamma: gamma, horizon: horizon)
    // Episodes on the cliff last the longer the less even the policy, and with them the conditioning of J.
    let spread: Float = gamma == 1 ? 0.1 : 0.5
    for (hidden, activation) in [([], Activation.tanh), ([5, 4], .tanh), ([6], .relu)] {
      let policy = try scrambledPolicy(for: mdp, hidden: hidden, activation: activation, spread: spread)
      try expectSlope(policy, mdp)
    }
  }

  @Test func policiesOfSeveralPartsHaveTheirGradientToo() throws {
    var outline = MDPOutline(states: 2, actions: 6, gamma: 0.8)
    outline.parts = [ActionPart(.categorical, size: 2), ActionPart(.categorical, size: 3)]
    let rows = (0..<12).flatMap { [Double($0) / 12, 1 - Double($0) / 12] }
    let mdp = try TabularMDP(
      outline, transitions: rows, rewards: (0..<12).map { Double($0 * $0 % 7) }, initial: [0.25, 0.75])
    try expectSlope(try scrambledPolicy(for: mdp, hidden: [4], parts: outline.parts), mdp)
  }

  /// Central differences of J against ∇J. With h = 1e-5 they are off by h² f'''/6 ≈ 1e-10 and by 1e-16/h = 1e-11 from
  /// rounding.
  private func expectSlope(_ policy: Policy, _ mdp: TabularMDP) throws {
    let theta = parameters(of: policy)
    let gradient = try ExactSolution(TabularPolicy(policy, in: mdp), in: mdp).gradient
    let h = 1e-5
    let slopes = try theta.indices.map { index in
      var (up, down) = (theta, theta)
      up[index] += h
      down[index] -= h
      return (try objective(policy, up, mdp) - objective(policy, down, mdp)) / (2 * h)
    }
    #expect(relativeError(gradient, slopes) < 1e-6)
  }

  private func objective(_ policy: Policy, _ parameters: [Double], _ mdp: TabularMDP) throws -> Double {
    try ExactSolution(TabularPolicy(policy, parameters, in: mdp), in: mdp).objective
  }

  @Test func theTheoremSummedOverAllTrajectoriesIsTheExactGradient() throws {
    let mdp = try makeGarnet(states: 3, actions: 2, branching: 2, seed: 1, gamma: 0.7, horizon: 4)
    let reference = try TabularPolicy(scrambledPolicy(for: mdp, hidden: [3]), in: mdp)
    // Σ_τ P(τ) R(τ) Σ_t ∇log π(a_t|s_t), as weights on the scores of each state and action.
    var weights = [Double](repeating: 0, count: 6)
    var total = (probability: 0.0, worth: 0.0)
    func walk(_ state: Int, _ probability: Double, _ worth: Double, _ discount: Double, _ pairs: [Int]) {
      guard pairs.count < 4 else {
        total = (total.probability + probability, total.worth + probability * worth)
        for pair in pairs { weights[pair] += probability * worth }
        return
      }
      for pair in 2 * state..<2 * state + 2 {
        for next in 0..<3 where mdp.transitions[3 * pair + next] > 0 {
          walk(
            next, probability * reference.probabilities[pair] * mdp.transitions[3 * pair + next],
            worth + discount * mdp.rewards[pair], discount * 0.7, pairs + [pair])
        }
      }
    }
    for state in 0..<3 { walk(state, 1 / 3, 0, 1, []) }
    let solution = try ExactSolution(reference, in: mdp)
    #expect(abs(total.probability - 1) < 1e-13 && abs(total.worth - solution.objective) < 1e-13)
    #expect(relativeError(reference.score(weights: weights), solution.gradient) < 1e-12)
  }

  @Test func theLinearSolveIsTheLimitOfLongHorizons() throws {
    // What 400 steps leave out is 0.9⁴⁰⁰ = 5e-19 of the whole.
    func solved(_ horizon: Int) throws -> ExactSolution {
      let mdp = try makeGarnet(states: 9, actions: 3, branching: 2, seed: 5, gamma: 0.9, horizon: horizon)
      return try ExactSolution(TabularPolicy(scrambledPolicy(for: mdp), in: mdp), in: mdp)
    }
    let (endless, long) = try (solved(0), solved(400))
    #expect(abs(endless.objective - long.objective) < 1e-13)
    #expect(isNear(endless.values, Array(long.values.prefix(9)), within: 1e-12))
    #expect(isNear(endless.visitation, long.discountedVisitation, within: 1e-13))
    #expect(relativeError(endless.gradient, long.gradient) < 1e-12)
  }

  @Test func aSystemThatNeedsPivotingIsSolvedBothWays() throws {
    // A = (0 2 0; 0 0 4; 1 0 1): A·(1, 2, 3) = (4, 12, 4), and Aᵀ·(1, 2, 3) = (3, 2, 11).
    let matrix = try Buffer<Double>(count: 9)
    for (place, value) in [0.0, 2, 0, 0, 0, 4, 1, 0, 1].enumerated() { matrix.pointer[place] = value }
    let system = try LinearSystem(matrix, size: 3)
    #expect(isNear(system.solve([4, 12, 4]), [1, 2, 3], within: 1e-15))
    #expect(isNear(system.solveTransposed([3, 2, 11]), [1, 2, 3], within: 1e-15))
  }

  @Test func theReferenceAgreesWithTheKernels() throws {
    let mdp = try makeGarnet(states: 6, actions: 3, branching: 2, seed: 3, gamma: 0.9, horizon: 0)
    let policy = try scrambledPolicy(for: mdp, hidden: [8, 8])
    let reference = try TabularPolicy(policy, in: mdp)
    let observations = (0..<18).flatMap { Array(mdp.observation($0 / 3)) }
    let actions = (0..<18).map { Float($0 % 3) }
    let weights = (0..<18).map { Float($0) / 9 - 1 }
    var logProbabilities = [Float](repeating: 0, count: 18)
    var gradient = [Float](repeating: 0, count: policy.parameters.count)
    try observations.withUnsafeBufferPointer { seen in
      let rows = PolicyRows(seen.baseAddress!, count: 18)
      try policy.logProbability(rows, actions, into: &logProbabilities)
      try ScoreGradient(policy)(rows, actions, weights: weights, into: &gradient)
    }
    // Float sums of 8 terms: errors of some 1e-7.
    #expect(isNear(logProbabilities.map(Double.init), reference.logProbabilities, within: 1e-6))
    #expect(relativeError(gradient.map(Double.init), reference.score(weights: weights.map(Double.init))) < 1e-6)
  }

  @Test func scoresAreTheRowsOfWhichGradientsAreMade() throws {
    let mdp = try StandardMDP.chain.make(gamma: 0.5, horizon: 0)
    let reference = try TabularPolicy(scrambledPolicy(for: mdp, hidden: [3]), in: mdp)
    var table = [Double](repeating: .nan, count: 4 * reference.parameterCount)
    reference.scores(into: &table)
    let weights = [0.5, -1, 2, 0.25]
    let sum = (0..<reference.parameterCount).map { k in
      (0..<4).reduce(0) { $0 + weights[$1] * table[$1 * reference.parameterCount + k] }
    }
    #expect(isNear(sum, reference.score(weights: weights), within: 1e-14))
  }
}
