import Foundation
import Testing

@testable import PolicyGradient

/// A squashed part whose columns hold pre-squash actions, against the closed forms in float64.
@Suite struct SquashedDrawsTests {
  private static let bounds: [(low: Float, high: Float)] = [(-1, 1), (1000, 1001), (-3, 1e4)]

  private func density(_ u: Double, _ mean: Double, _ logStd: Double, _ range: Double) -> Double {
    let z = (u - mean) / exp(logStd)
    let logSlope = log(2 * range) - 2 * abs(u) - 2 * log1p(exp(-2 * abs(u)))
    return -0.5 * z * z - logStd - 0.5 * log(2 * Double.pi) - logSlope
  }

  @Test(arguments: kernelBuilds.indices, [Float(-1e4), -12, -8, 0, 0.5, 8, 12, 1e4])
  func drawsHaveTheirClosedDensityAndScore(_ build: Int, _ mean: Float) {
    for (low, high) in Self.bounds {
      for logStd in [Float(-20), -2, 0, 2] {
        let space = ActionSpace(
          [ActionPart(.squashedGaussian, size: 1, low: low, high: high)], holdsDraws: true, kernelBuilds[build])
        let policy = PartAt(space, outputs: [mean], parameters: [logStd])
        let u = policy.sample(seed: 3).actions[0]
        let (log, spread) = (policy.logProbability([u]), exp(Double(logStd)))
        #expect(log == policy.sample(seed: 3).logProbabilities)
        let expected = density(Double(u), Double(mean), Double(logStd), Double(high) - Double(low))
        #expect(greatestError(log, [expected]) < 1e-5)
        let z = (Double(u) - Double(mean)) / spread
        let score = policy.score([u], weights: [1], entropyWeight: 0)
        #expect(greatestError(score.outputs + score.parameters, [z / spread, z * z - 1]) < 1e-5)
      }
    }
  }

  @Test(arguments: [Float(-12), 0, 5, 8, 12, 100]) func samplesOfASaturatedPartHaveTheTheoremsExpectations(
    _ mean: Float
  ) {
    let rows = 20_000
    for (low, high) in Self.bounds {
      let part = ActionPart(.squashedGaussian, size: 1, low: low, high: high)
      let policy = PartAt(
        ActionSpace([part], holdsDraws: true), outputs: [Float](repeating: mean, count: rows), parameters: [-2])
      let drawn = policy.sample(seed: 1)
      let average = drawn.logProbabilities.reduce(0) { $0 + Double($1) } / Double(rows)
      // Five standard errors of log π, whose deviation is below 1, and of z and z² - 1.
      #expect(abs(average + Double(policy.entropy()[0])) < 5 / Double(rows).squareRoot())
      let score = policy.score(drawn.actions, weights: [Float](repeating: 1, count: rows), entropyWeight: 0)
      let byMean = score.outputs.reduce(0) { $0 + Double($1) } / Double(rows) * exp(-2)
      #expect(abs(byMean) < 5 / Double(rows).squareRoot())
      #expect(abs(Double(score.parameters[0]) / Double(rows)) < 5 * (2 / Double(rows)).squareRoot())
      let actions = PartAt(part, outputs: policy.outputs, parameters: [-2]).sample(seed: 1).actions
      #expect(actions.allSatisfy { low <= $0 && $0 <= high })
    }
  }

  @Test func entropyMatchesTheSaturatedClosedForm() {
    // Far from 0, 1 - tanh²u is 4 exp(-2|u|): H = log σ + ½ log 2πe + log ½(high - low) + 2 log 2 - 2|μ|.
    for mean in [Float(-40), 12, 40, 1e4] {
      let policy = PartAt(
        ActionPart(.squashedGaussian, size: 1, low: 1000, high: 1001), outputs: [mean], parameters: [-2])
      let expected = -2 + 0.5 * log(2 * Double.pi * M_E) + log(0.5) + 2 * log(2) - 2 * abs(Double(mean))
      #expect(greatestError(policy.entropy(), [expected]) < 1e-6)
    }
  }
}
