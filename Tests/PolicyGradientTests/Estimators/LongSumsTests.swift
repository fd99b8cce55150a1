import Foundation
import Testing

@testable import PolicyGradient

/// Sums over long rollouts and over extremes, against the same in double precision.
@Suite struct LongSumsTests {
  private static let steps = 300_000

  private func table(_ rewards: Buffer<Float>, _ flags: Buffer<UInt8>) -> StepTable {
    StepTable(
      steps: rewards.count, environments: 1, rewards: rewards.pointer, terminated: flags.pointer,
      truncated: flags.pointer, finalValues: nil)
  }

  @Test func returnsWithoutDiscountDoNotDrift() throws {
    let rewards = try Buffer([Float](repeating: 0.1, count: LongSumsTests.steps))
    let flags = try Buffer<UInt8>(count: rewards.count)
    let returns = try Buffer<Float>(count: rewards.count)
    KernelSet.best.returns(of: table(rewards, flags), gamma: 1, into: returns.pointer)
    let expected = Double(Float(0.1)) * Double(rewards.count)
    #expect(abs(Double(returns.pointer[0]) / expected - 1) < 1e-7)
  }

  @Test(arguments: [1, 0.999]) func advantagesAndVTraceDoNotDrift(lambda: Double) throws {
    // V = 0.3 throughout, π = μ: δ = 0.1 + 0.3 - 0.3, and A is Σ λᵏ δ.
    let count = LongSumsTests.steps
    let rewards = try Buffer([Float](repeating: 0.1, count: count))
    let values = try Buffer([Float](repeating: 0.3, count: count))
    let flags = try Buffer<UInt8>(count: count)
    let zeros = try Buffer<Float>(count: count)
    let advantages = try Buffer<Float>(count: count)
    let targets = try Buffer<Float>(count: count)
    let table = table(rewards, flags)
    var sum = 0.0
    for _ in 0..<count { sum = Double(Float(0.1)) + lambda * sum }
    KernelSet.best.advantages(
      of: table, values: values.pointer, lastValues: values.pointer, gamma: 1, lambda: lambda, into: advantages.pointer)
    #expect(abs(Double(advantages.pointer[0]) / sum - 1) < 1e-6)
    VTrace(lambda: lambda, rhoClip: 1, cClip: 1).correctedAdvantages(
      of: table, values: values.pointer, lastValues: values.pointer, logRatios: zeros.pointer, gamma: 1,
      advantages: advantages.pointer, targets: targets.pointer)
    #expect(abs(Double(targets.pointer[0]) / (sum + 0.3) - 1) < 1e-6)
  }

  @Test func theDivergenceEstimateIsNeverNegative() {
    for exponent in -30...6 {
      for sign: Float in [-1, 1] {
        let x = sign * Float(sign: .plus, exponent: exponent, significand: 1.3)
        guard abs(x) < 80 else { continue }
        let divergence = WeighedRows.divergence(ratio: Float(exactlyRounded: x), logRatio: x)
        // e^x - 1 - x = x²/2 + … , above 0 for every x but 0.
        #expect(divergence > 0, "x = \(x)")
        if abs(x) < 1e-3 { #expect(abs(divergence / (Double(x) * Double(x) / 2) - 1) < 1e-3) }
      }
    }
    #expect(WeighedRows.divergence(ratio: 1, logRatio: 0) == 0)
  }

  @Test func lossesOfHugeErrorsAreFinite() {
    var weights = [Float](repeating: 0, count: 2)
    let loss = ValueRegression(clipRange: 0).weigh(
      [1e30, 0], oldValues: [0, 0], targets: [0, -1e30], count: 2, scale: 1, into: &weights)
    #expect(abs(loss / 2e60 - 1) < 1e-6)
  }
}

extension Float {
  /// e^x, rounded from double precision.
  fileprivate init(exactlyRounded x: Float) { self = Float(exp(Double(x))) }
}
