import Foundation
import Testing

@testable import PolicyGradient

/// A policy with rescaled actions is a policy with actions within ±1, transformed by y = middle + half · x.
struct OutputScalingTests {
  private static let rows = 70
  private static let middle: Float = 3
  private static let half: Float = 7

  private func policy(
    rescales: Bool, _ change: (inout PolicyConfiguration) -> Void
  ) throws -> Policy {
    let (low, high): (Float, Float) = rescales ? (-4, 10) : (-1, 1)
    var configuration = PolicyConfiguration(
      observationSize: 3,
      parts: [ActionPart(.gaussian, size: 2, low: low, high: high), ActionPart(.gaussian, size: 1)])
    configuration.hiddenSizes = [6]
    configuration.hasValueFunction = false
    // So small that log σ, which the network holds below 2, nowhere comes there.
    configuration.initialLogStd = -2
    configuration.rescalesActions = rescales
    change(&configuration)
    return try Policy(configuration)
  }

  /// Actions of the one policy as the other has them.
  private func unscaled(_ actions: [Float]) -> [Float] {
    actions.enumerated().map { $0 % 3 == 2 ? $1 : ($1 - Self.middle) / Self.half }
  }

  @Test(arguments: [0, 1, 2])
  func rescalingIsAChangeOfUnits(deviations: Int) throws {
    func change(_ configuration: inout PolicyConfiguration) {
      configuration.hasStateDependentStd = deviations == 1
      configuration.hasStateDependentExploration = deviations == 2
    }
    let scaled = try policy(rescales: true, change)
    let plain = try policy(rescales: false, change)
    // Both begin with the same weights, and with deviations that differ by the unit.
    let shifts = zip(scaled.parameters.array, plain.parameters.array).map { $0 - $1 }
    #expect(shifts.filter { $0 != 0 }.count == 2)
    #expect(shifts.filter { $0 != 0 }.allSatisfy { abs($0 - log(Self.half)) < 1e-6 })

    var random = TestRandom(5)
    let seen = random.normals(Self.rows * 3)
    #expect(
      isNear(
        unscaled(try scaled.modes(seen, rows: Self.rows)), try plain.modes(seen, rows: Self.rows), within: 1e-5))
    let (actions, logProbabilities) = try scaled.samples(seen, rows: Self.rows)
    let (others, otherLogs) = try plain.samples(seen, rows: Self.rows)
    #expect(isNear(unscaled(actions), others, within: 1e-5))
    #expect(isNear(logProbabilities.map { $0 + 2 * log(Self.half) }, otherLogs, within: 1e-4))
    #expect(try scaled.logProbabilities(seen, actions, rows: Self.rows) == logProbabilities)

    // The score by the weights, and the Fisher matrix, do not depend on units.
    let weights = random.normals(Self.rows)
    let score = try scaled.scoreGradient(seen, actions, weights: weights)
    let other = try plain.scoreGradient(seen, others, weights: weights)
    #expect(relativeError(doubles(score), doubles(other)) < 1e-4)
    let vector = random.normals(score.count)
    let product = try scaled.fisherProduct(seen, rows: Self.rows, vector)
    #expect(relativeError(doubles(product), doubles(try plain.fisherProduct(seen, rows: Self.rows, vector))) < 1e-4)
  }

  @Test func aPolicyKeepsItsUnitsInItsFile() throws {
    let folder = try TemporaryFolder()
    let policy = try policy(rescales: true) { _ in }
    try policy.save(folder.path("policy"))
    let loaded = try Policy.load(folder.path("policy"))
    #expect(loaded.configuration == policy.configuration)
    #expect(try loaded.modes([1, 2, 3], rows: 1) == policy.modes([1, 2, 3], rows: 1))
  }

  @Test func whatCannotBeRescaledIsRefused() throws {
    func refused(_ change: (inout PolicyConfiguration) -> Void) -> String? {
      refusal { _ = try policy(rescales: true, change) }?.message
    }
    #expect(refused { _ in } == nil)
    let message = "rescale_actions is 1; it must be 0 without a Gaussian part with finite bounds"
    #expect(refused { $0.parts = [ActionPart(.gaussian, size: 1)] } == message)
    #expect(refused { $0.parts = [ActionPart(.beta, size: 1, low: 0, high: 1)] } == message)
    #expect(
      refused {
        ($0.hasStateDependentStd, $0.hasBias, $0.initialLogStd) = (true, false, 0)
      } == "rescale_actions is 1; it must be 0 if bias is 0 and the network gives log σ")
    #expect(
      refused {
        ($0.hasStateDependentStd, $0.initialLogStd) = (true, 1)
      }?.hasPrefix("initial_log_std is 1.0; it must be smaller: with rescale_actions log σ starts at") == true)
  }
}
