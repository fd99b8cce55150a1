import Foundation
import Testing

@testable import PolicyGradient

/// V-trace with γ = ½ and V = 2, 4, 6 before and 8 after three rewards 1, worked by hand.
struct VTraceTests {
  @Test func withoutACutTheTargetsAreReturnsAndWithOneTheyLean() throws {
    // Ratios 1: v₂ = 1 + 8/2 = 5, v₁ = 1 + 5/2, v₀ = 1 + 3.5/2; A_t = r + γ v_{t+1} - V.
    let equal = try run(ratios: [1, 1, 1])
    #expect(equal.targets == [2.75, 3.5, 5])
    #expect(equal.advantages == [0.75, -0.5, -1])
    // Ratios 4, ½, 1, cut at 1: v₂ = 5; δ₁ = ½ (1 + 3 - 4) = 0, v₁ = 4 + 0 + ½·½·(5 - 6) = 3.75;
    // δ₀ = 1 + 2 - 2 = 1, v₀ = 2 + 1 + ½·(3.75 - 4) = 2.875.
    let leaning = try run(ratios: [4, 0.5, 1])
    #expect(leaning.targets == [2.875, 3.75, 5])
    #expect(leaning.advantages == [0.875, -0.5, -1])
  }

  @Test func nothingIsCarriedOverTheEndOfAnEpisode() throws {
    // Step 1 terminates: v₁ = 1, v₀ = 1 + 1/2. Truncated with 10 beyond: v₁ = 1 + 10/2, v₀ = 1 + 6/2.
    #expect(try run(ratios: [1, 1, 1], terminated: [0, 1, 0]).targets == [1.5, 1, 5])
    #expect(try run(ratios: [1, 1, 1], truncated: [0, 1, 0]).targets == [4, 6, 5])
  }

  @Test func lambdaShortensTheTrace() throws {
    // λ = ½: v₁ = 4 + (1 + 3 - 4) + ½·½·(5 - 6) = 3.75, v₀ = 2 + (1 + 2 - 2) + ½·½·(3.75 - 4).
    #expect(try run(ratios: [1, 1, 1], lambda: 0.5).targets == [2.9375, 3.75, 5])
  }

  private func run(
    ratios: [Double], terminated: [UInt8] = [0, 0, 0], truncated: [UInt8] = [0, 0, 0], lambda: Double = 1
  ) throws -> (advantages: [Float], targets: [Float]) {
    let advantages = try Buffer<Float>(count: 3)
    let targets = try Buffer<Float>(count: 3)
    // Logarithms of 4 and ½ are rounded, and so is their exponential; both are exact here.
    let (rewards, final) = (try Buffer<Float>([1, 1, 1]), try Buffer<Float>([0, 10, 0]))
    let (stops, cuts) = (try Buffer(terminated), try Buffer(truncated))
    let table = StepTable(
      steps: 3, environments: 1, rewards: rewards.pointer, terminated: stops.pointer, truncated: cuts.pointer,
      finalValues: final.pointer)
    VTrace(lambda: lambda, rhoClip: 1, cClip: 1).correctedAdvantages(
      of: table, values: [2, 4, 6], lastValues: [8], logRatios: ratios.map { Float(log($0)) }, gamma: 0.5,
      advantages: advantages.pointer, targets: targets.pointer)
    return withExtendedLifetime((rewards, final, stops, cuts)) { (advantages.array, targets.array) }
  }
}
