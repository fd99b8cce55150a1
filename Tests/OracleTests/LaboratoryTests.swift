import PolicyGradient
import Testing

@testable import Oracle

struct LaboratoryTests {
  private static func run(
    _ mdp: TabularMDP, trajectories: Int = 40_000, _ change: (inout LaboratoryConfiguration) -> Void = { _ in },
    scores: ((inout [Double]) -> Void)? = nil
  ) throws -> Laboratory {
    let reference = try TabularPolicy(scrambledPolicy(for: mdp, spread: 0.5), in: mdp)
    var configuration = LaboratoryConfiguration()
    configuration.trajectories = trajectories
    configuration.seed = 7
    change(&configuration)
    guard let scores else { return try Laboratory(mdp, reference, configuration) }
    var table = [Double](repeating: 0, count: mdp.states * mdp.actions * reference.parameterCount)
    reference.scores(into: &table)
    scores(&table)
    return try Laboratory(mdp, reference, configuration, scores: table)
  }

  private static func garnet(horizon: Int) throws -> TabularMDP {
    try makeGarnet(states: 8, actions: 3, branching: 3, seed: 4, gamma: 0.8, horizon: horizon)
  }

  @Test(arguments: [0, 6])
  func unbiasedEstimatorsAreFoundUnbiasedAndBiasedOnesAreNot(horizon: Int) throws {
    let mdp = try Self.garnet(horizon: horizon)
    // Rewards are below 1 and γ is 0.8, so values are below 5. For λ nearer to 1 than ½, the bias is too small for
    // 40,000 trajectories to detect.
    let wrong = (0..<mdp.layers * mdp.states).map { Double($0 % 3) * 10 }
    let laboratory = try Self.run(mdp) { ($0.wrongValues, $0.lambdas) = (wrong, [0, 0.5, 1]) }
    #expect(laboratory.reports.count == 16)
    for report in laboratory.reports {
      // 16 tests at a fixed seed: a chance of 1 in 600 that one falls below 10⁻⁴.
      if report.isUnbiased {
        #expect(report.pValue > 1e-4, "\(report.estimator): \(report.pValue)")
        #expect(report.biasNorm < 3 * report.standardError)
      } else {
        #expect(report.pValue < 1e-4, "\(report.estimator): \(report.pValue)")
      }
    }
  }

  @Test func varianceFallsInTheOrderThatTheorySays() throws {
    let reports = try Self.run(Self.garnet(horizon: 0)).reports
    func variance(_ kind: LaboratoryEstimator.Kind) -> Double {
      reports.first { $0.estimator.kind == kind }?.totalVariance ?? .nan
    }
    #expect(variance(.rewardToGo) < variance(.wholeTrajectory))
    #expect(variance(.constantBaseline) < variance(.wholeTrajectory))
    #expect(variance(.optimalConstantBaseline) < variance(.wholeTrajectory))
    #expect(variance(.valueBaseline) < variance(.rewardToGo))
    let exact = reports.filter { $0.estimator.kind == .gae && $0.estimator.critic == .exact }.map(\.totalVariance)
    #expect(exact == exact.sorted())
    // GAE(1) with the exact critic is the value baseline: A_t = G_t - V(s_t).
    #expect(abs(exact[4] / variance(.valueBaseline) - 1) < 1e-4)
  }

  @Test func theMeanComesNearAsTheRootOfTheNumber() throws {
    let report = try Self.run(Self.garnet(horizon: 6)).reports[1]
    #expect(report.curve.map(\.trajectories).first == 64 && report.curve.last?.trajectories == 40_000)
    for checkpoint in report.curve {
      // ‖mean - ∇J‖ has the standard error as its root mean square.
      #expect(checkpoint.biasNorm < 3 * checkpoint.standardError)
    }
    #expect(report.cosine > 0.99 && abs(report.curve.last!.biasNorm - report.biasNorm) < 1e-15)
    let truth = try Self.run(Self.garnet(horizon: 6), trajectories: 400).exactGradient
    #expect(relativeError(report.mean, truth) < 0.2)
  }

  @Test func aBanditsVarianceIsItsClosedForm() throws {
    // Uniform over three arms that pay 1 with probability p = 0.2, 0.5, 0.8; the score of an arm is 1[a = b] - 1/3 in
    // the weights of state 0 and again in the biases, so its squared length is 2 · 2/3. E‖R score‖² = E[R²] · 4/3 = 0.5
    // · 4/3, and ‖∇J‖² = 2 (0.1² + 0.1²): the variance is 2/3 - 0.04.
    let mdp = try StandardMDP.bandit.make(gamma: 1, horizon: 0)
    let reference = try TabularPolicy(scrambledPolicy(for: mdp, spread: 0), in: mdp)
    var configuration = LaboratoryConfiguration()
    configuration.trajectories = 200_000
    let report = try Laboratory(mdp, reference, configuration).reports[0]
    // R² = R is 0 or 1: its mean over 200,000 has a relative error of 0.2 %.
    #expect(abs(report.totalVariance - (2 / 3 - 0.04)) < 0.01)
    #expect(abs(report.signalToNoise - 0.04 / (2 / 3 - 0.04)) < 0.005)
  }

  @Test func scoresWithAWrongSignOrFactorAreFoundOut() throws {
    for factor in [-1, 0.9] {
      let laboratory = try Self.run(Self.garnet(horizon: 6), scores: { $0 = $0.map { factor * $0 } })
      #expect(laboratory.reports[1].pValue < 1e-6)
    }
    let right = try Self.run(Self.garnet(horizon: 6), scores: { _ in })
    #expect(right.reports[1].pValue == (try Self.run(Self.garnet(horizon: 6)).reports[1].pValue))
  }

  @Test func theTailOfFMatchesTables() {
    // Pr(F(2, 10) > x) = (1 + x/5)⁻⁵ and Pr(F(1, 1) > 1) = 1/2; the 5 % point of F(5, 20) is 2.7109 (Fisher & Yates).
    for x in [0.1, 1, 4, 50] { #expect(abs(tailOfF(x, 2, 10) - pow(1 + x / 5, -5)) < 1e-14) }
    #expect(abs(tailOfF(1, 1, 1) - 0.5) < 1e-14 && abs(tailOfF(2.7109, 5, 20) - 0.05) < 1e-5)
    #expect(tailOfF(0, 3, 3) == 1 && tailOfF(.infinity, 3, 3) == 0 && tailOfF(1e6, 32, 10_000) == 0)
  }

  @Test func theTestRejectsAsOftenAsItShould() throws {
    // 60 seeds, unbiased: p-values are uniform, so 6 ± 2.3 lie below 0.1; 15 would be 4 standard deviations off.
    let mdp = try Self.garnet(horizon: 4)
    let low = try (0..<60).filter { seed in
      try Self.run(mdp, trajectories: 4_000, { ($0.seed, $0.lambdas) = (UInt64(seed), []) }).reports[0].pValue < 0.1
    }
    #expect(low.count < 15)
  }

  @Test func configurationsOutOfRangeAreRefused() throws {
    let mdp = try Self.garnet(horizon: 4)
    func refused(_ change: (inout LaboratoryConfiguration) -> Void) -> String? {
      refusal { _ = try Self.run(mdp, change) }?.message
    }
    #expect(refused { $0.groupSize = 1 } == "group_size is 1; it must lie in [2, 1024]")
    #expect(refused { $0.trajectories = 8 }?.hasPrefix("trajectories is 8; it must lie in [32, ") == true)
    #expect(refused { $0.trajectories = 1_001 } == "trajectories is 1001; it must be a multiple of group_size, 8")
    #expect(refused { $0.lambdas = [0.5, 2] } == "lambdas[1] is 2.0; it must lie in [0.0, 1.0]")
    #expect(refused { $0.checkpoints = 0 } == "checkpoints is 0; it must lie in [1, 64]")
    #expect(refused { $0.wrongValues = [1] } == "wrong_values.count is 1; it must be 32")
    #expect(
      refusal { _ = try Self.run(mdp, scores: { $0[2 * $0.count / 24] = .nan }) }?.message
        == "scores[0, 2, 0] is nan; it must be finite")
  }
}
