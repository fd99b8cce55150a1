import Foundation
import Testing

@testable import PolicyGradient

/// The weights on the score against central differences, in double precision, of the objectives that the papers state.
struct SurrogateDerivativeTests {
  @Test func thePenalizedWeightIsTheDerivativeOfItsSurrogate() throws {
    try expectDerivatives(of: PenalizedSurrogate(coefficient: 3, clipRange: 0.2)) { logRatio, advantage in
      exp(logRatio) * advantage - 3 * (exp(logRatio) - 1 - logRatio)
    }
  }

  @Test func theQuadraticWeightIsTheDerivativeOfItsSurrogate() throws {
    try expectDerivatives(of: QuadraticSurrogate(clipRange: 0.2)) { logRatio, advantage in
      let ratio = exp(logRatio)
      return ratio * advantage - abs(advantage) * (ratio - 1) * (ratio - 1) / (2 * 0.2)
    }
  }

  @Test func theQuadraticWeightVanishesAtTheClipRangeAndTurnsBackBeyondIt() throws {
    // 0.75 and 1.25 are exact, and so is a clip range of 1/4. At r = 3/2 and A = 1: 3/2 (1 - (1/2) / (1/4)) = -3/2.
    let weights = try weigh(QuadraticSurrogate(clipRange: 0.25), ratios: [0.75, 1, 1.25, 1.5], advantage: 1).weights
    for (weight, expected) in zip(weights, [0.75 * 2, 1, 0, -1.5]) { #expect(abs(weight - expected) < 1e-5) }
    let mirrored = try weigh(QuadraticSurrogate(clipRange: 0.25), ratios: [0.5, 0.75, 1, 1.25], advantage: -1).weights
    for (weight, expected) in zip(mirrored, [0.5, 0, -1, -2.5]) { #expect(abs(weight - expected) < 1e-5) }
  }

  private func expectDerivatives(
    of weighting: some ScoreWeighting, _ surrogate: (_ logRatio: Double, _ advantage: Double) -> Double
  ) throws {
    let ratios = [0.1, 0.5, 0.99, 1, 1.3, 4]
    for advantage in [-2.0, 0, 0.5] {
      let (weights, logRatios, tally) = try weigh(weighting, ratios: ratios, advantage: advantage)
      var loss = 0.0
      for (weight, logRatio) in zip(weights, logRatios) {
        let slope = (surrogate(logRatio + 1e-6, advantage) - surrogate(logRatio - 1e-6, advantage)) / 2e-6
        // A few roundings of single precision.
        #expect(abs(weight - slope) < 1e-5 * (1 + abs(slope)))
        loss -= surrogate(logRatio, advantage)
      }
      #expect(abs(tally.loss - loss) < 1e-5 * (1 + abs(loss)))
      #expect(tally.clipped == 4)
    }
  }

  private func weigh(
    _ weighting: some ScoreWeighting, ratios: [Double], advantage: Double
  ) throws -> (weights: [Double], logRatios: [Double], tally: SurrogateTally) {
    let count = ratios.count
    let (new, old) = (try Buffer(ratios.map { Float(log($0)) - 2 }), try Buffer([Float](repeating: -2, count: count)))
    let advantages = try Buffer([Float](repeating: Float(advantage), count: count))
    let (weights, scratch) = (try Buffer<Float>(count: count), try Buffer<Float>(count: count))
    var tally = SurrogateTally()
    weighting.weigh(
      WeighedRows(
        count: count, logProbabilities: new.pointer, oldLogProbabilities: old.pointer, advantages: advantages.pointer),
      into: weights.pointer, scratch: scratch.pointer, tally: &tally, .best)
    return (
      (0..<count).map { Double(weights.pointer[$0]) },
      (0..<count).map { Double(new.pointer[$0] - old.pointer[$0]) }, tally
    )
  }
}
