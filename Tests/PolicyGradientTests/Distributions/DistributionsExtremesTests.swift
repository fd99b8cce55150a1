import Foundation
import Testing

@testable import PolicyGradient

private func part(_ kind: ActionPart.Kind, _ size: Int = 1, _ low: Float = -1, _ high: Float = 1) -> ActionPart {
  ActionPart(kind, size: size, low: low, high: high)
}

@Suite struct DistributionsExtremesTests {
  @Test func logitsOfTenThousandAreAllButCertain() {
    // log p = 0 for the sure choice, and -10⁴ or -2·10⁴, the distance of the logits, for the other.
    let choice = PartAt(part(.categorical, 2), outputs: [1e4, -1e4, 1e4, -1e4])
    #expect(choice.logProbability([0, 1]) == [0, -2e4])
    #expect(choice.entropy() == [0, 0])
    #expect(choice.score([0, 1], weights: [2, 3], entropyWeight: 1).outputs == [0, 0, -3, 3])
    let bits = PartAt(part(.bernoulli, 2), outputs: [1e4, -1e4, 1e4, -1e4])
    #expect(bits.logProbability([1, 0, 0, 1]) == [0, -2e4])
    #expect(bits.entropy() == [0, 0])
    #expect(bits.score([1, 0, 0, 1], weights: [2, 3], entropyWeight: 1).outputs == [0, 0, -3, 3])
    #expect(bits.mode() == [1, 0, 1, 0])
    for step in 0..<100 as Range<UInt64> {
      #expect(choice.sample(step: step).actions == [0, 0])
      #expect(bits.sample(step: step).actions == [1, 0, 1, 0])
    }
  }

  @Test func aBitOfLogitMinusInfinityIsZeroForCertain() {
    let bit = PartAt(part(.bernoulli), outputs: [-.infinity, -.infinity])
    #expect(bit.logProbability([0, 1]) == [0, -.infinity])
    #expect(bit.entropy() == [0, 0])
    #expect(bit.score([0, 0], weights: [1, -1], entropyWeight: 1).outputs == [0, 0])
    for step in 0..<1_000 as Range<UInt64> { #expect(bit.sample(step: step).actions == [0, 0]) }
  }

  @Test(arguments: [false, true]) func deviationsOfAMillionthKeepTheirDensity(_ byState: Bool) {
    // At u = μ + σ, log N = -½ - log σ - ½ log 2π. Float holds μ + 10⁻⁶ near ½ to within 3·10⁻⁸, hence z to within
    // 0.03; of the action as it is kept the density must be right to 10⁻⁵.
    let logStd: Float = -13.815511
    let spread = exp(Double(logStd))
    for (kind, mean) in [(ActionPart.Kind.gaussian, Float(0.5)), (.squashedGaussian, 0.5)] {
      let policy = PartAt(
        part(kind), stateDependentStd: byState, outputs: byState ? [mean, logStd] : [mean],
        parameters: byState ? [] : [logStd])
      let target = Double(mean) + spread
      let action = Float(kind == .gaussian ? target : tanh(target))
      let u = kind == .gaussian ? Double(action) : atanh(Double(action))
      let z = (u - Double(mean)) / spread
      let slope = kind == .gaussian ? 0 : log(1 - Double(action) * Double(action))
      let density = -0.5 * z * z - Double(logStd) - 0.5 * log(2 * Double.pi) - slope
      #expect(greatestError(policy.logProbability([action]), [density]) < 1e-5)
      let score = policy.score([action], weights: [1], entropyWeight: 0)
      #expect(abs(Double(score.outputs[0]) * spread / z - 1) < 1e-5)
    }
  }

  @Test(arguments: [Float(-1e4), -30, 0, 30, 1e4], [Float(-20), -13.8, 0, 2])
  func squashedActionsStayInsideAndFiniteWhereTanhSaturates(_ mean: Float, _ logStd: Float) {
    for (low, high) in [
      (Float(-1), Float(1)), (0, 1), (1e6, 1_000_001), (-1e38, 1e38), (0, 1e3 * .leastNonzeroMagnitude), (-3, 1e9),
    ] {
      let policy = PartAt(part(.squashedGaussian, 1, low, high), outputs: [mean, mean], parameters: [logStd])
      #expect(areFinite(policy.entropy()))
      for actions in [[low, high], policy.mode()] + (0..<20).map({ policy.sample(step: $0).actions }) {
        #expect(policy.refusal(of: actions) == nil)
        #expect(areFinite(policy.logProbability(actions)))
        let score = policy.score(actions, weights: [1, -1], entropyWeight: 1)
        #expect(areFinite((score.outputs + score.parameters)))
      }
    }
  }

  @Test(arguments: [Float(-1e4), -3, 3, 1e4, 1e30], [Float(-1e4), 0, 1e4, 1e30])
  func betaActionsStayInsideAndFiniteAtEveryShape(_ alpha: Float, _ beta: Float) {
    for (low, high) in [
      (Float(-1), Float(1)), (0, 1), (1e6, 1_000_001), (-1e38, 1e38), (0, 1e3 * .leastNonzeroMagnitude),
    ] {
      let policy = PartAt(part(.beta, 1, low, high), outputs: [alpha, beta, alpha, beta])
      #expect(areFinite(policy.entropy()))
      for actions in [[low, high], policy.mode()] + (0..<20).map({ policy.sample(step: $0).actions }) {
        #expect(policy.refusal(of: actions) == nil)
        #expect(areFinite(policy.logProbability(actions)))
        #expect(areFinite(policy.score(actions, weights: [1, -1], entropyWeight: 1).outputs))
      }
    }
  }

  @Test(arguments: [Float(-1e4), -30, -5, 0, 2, 30, 1e3, 1e4, 1e6])
  func betaDensitiesAreRightNearTheirBoundsAndAtLargeShapes(_ alpha: Float) {
    // By lgamma of the C library, in double. Its own rounding, of terms up to 10⁷, is 10⁻⁹.
    let a = 1 + (alpha > 0 ? Double(alpha) : 0) + log1p(exp(-abs(Double(alpha))))
    let b = 1 + log1p(exp(1.0))
    let policy = PartAt(part(.beta, 1, 0, 1), outputs: [alpha, 1])
    let constant: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
    let shares: [Float] = [1e-30, 1e-6, 0.25, 1 - 0x1p-20, 1 - 0x1p-24]
    for x in shares {
      let (near, far) = (log(Double(x)), log1p(-Double(x)))
      let density: Double = (a - 1) * near + (b - 1) * far + constant
      #expect(greatestError(policy.logProbability([x]), [density]) < 1e-6)
    }
  }

  @Test func modesAreWhatTheHeaderSays() {
    #expect(PartAt(part(.bernoulli, 3), outputs: [0.1, 0, -0.1]).mode() == [1, 0, 0])
    #expect(PartAt(part(.squashedGaussian, 1, 0, 4), outputs: [0], parameters: [1]).mode() == [2])
    // α - 1 = β - 1 = softplus(z): the middle. Both 0: all actions are equally likely, and the middle is returned.
    #expect(PartAt(part(.beta, 1, 0, 4), outputs: [1.5, 1.5]).mode() == [2])
    #expect(PartAt(part(.beta, 1, 0, 4), outputs: [-1e4, -1e4]).mode() == [2])
    // softplus(log(e - 1)) = 1 and softplus(log(e³ - 1)) = 3: 1/(1 + 3) of the range.
    let mode = PartAt(part(.beta, 1, 0, 4), outputs: [0.5413249, 2.9489298]).mode()
    #expect(greatestError(mode, [1]) < 1e-6)
  }

  @Test func actionsOutsideTheirSpaceAreRefused() {
    let bit = PartAt(part(.bernoulli), outputs: [0])
    #expect(bit.refusal(of: [0.5])?.message == "actions[0, 0] is 0.5; it must be 0 or 1")
    #expect(bit.refusal(of: [-1]) != nil)
    for kind in [ActionPart.Kind.squashedGaussian, .beta] {
      let bounded = PartAt(part(kind), outputs: [0, 0], parameters: [0])
      #expect(bounded.refusal(of: [-1, 1]) == nil)
      #expect(bounded.refusal(of: [1.0000001, 0])?.message == "actions[0, 0] is 1.0000001; it must lie in [-1.0, 1.0]")
      #expect(bounded.refusal(of: [.nan, 0])?.reason == .notFinite)
    }
  }
}
