import Foundation
import Testing

@testable import PolicyGradient

/// The weights of an update against finite differences of the losses that they climb, in double precision.
struct SurrogateTests {
  private static let ratios = [0.01, 0.5, 0.79, 0.81, 0.999, 1, 1.001, 1.19, 1.21, 3]
  private static let advantages = [-2.5, -0.1, 0.1, 3]

  @Test func theClippedWeightIsTheDerivativeOfTheClippedSurrogate() throws {
    func surrogate(_ logRatio: Double, _ advantage: Double) -> Double {
      let ratio = exp(logRatio)
      return min(ratio * advantage, min(max(ratio, 0.8), 1.2) * advantage)
    }
    let rows = SurrogateTests.ratios.flatMap { ratio in SurrogateTests.advantages.map { (ratio, $0) } }
    let old = rows.indices.map { Float(-1) - Float($0 % 5) }
    let new = zip(rows, old).map { Float(Double($1) + log($0.0)) }
    let result = try weigh(ClippedSurrogate(clipRange: 0.2), new: new, old: old, advantages: rows.map { Float($0.1) })

    var (loss, kl, clipped) = (0.0, 0.0, 0)
    for (index, row) in rows.enumerated() {
      let (logRatio, advantage) = (Double(new[index] - old[index]), Double(Float(row.1)))
      let slope =
        (surrogate(logRatio + 1e-6, advantage) - surrogate(logRatio - 1e-6, advantage)) / 2e-6
      // Two roundings of exp's argument, which is up to 5 with 24 bits.
      #expect(
        abs(Double(result.weights[index]) - slope) < 1e-5 * (1 + abs(slope)), "ratio \(row.0), advantage \(row.1)")
      loss -= surrogate(logRatio, advantage)
      kl += exp(logRatio) - 1 - logRatio
      if abs(row.0 - 1) > 0.2 { clipped += 1 }
    }
    #expect(abs(result.tally.loss - loss) < 1e-4)
    #expect(abs(result.tally.kl - kl) < 1e-4)
    // Ratios 0.01, 0.5, 0.79, 1.21 and 3, for four advantages each.
    #expect(result.tally.clipped == Double(clipped) && clipped == 20)
  }

  @Test func theWeightIsZeroJustWhereTheClipIsActive() throws {
    // Above 1 + ε with an advantage above 0, and below 1 - ε with one below 0; else ratio × advantage.
    let new: [Float] = [Float(log(2.0)), Float(log(2.0)), -Float(log(2.0)), -Float(log(2.0))]
    let result = try weigh(
      ClippedSurrogate(clipRange: 0.2), new: new, old: [0, 0, 0, 0], advantages: [1, -1, 1, -1])
    #expect(isNear(result.weights, [0, -2, 0.5, 0], within: 1e-6))
    #expect(result.tally.clipped == 4)
  }

  @Test func equalProbabilitiesMakeThePlainGradient() throws {
    let advantages: [Float] = [-3, 0, 0.25, 7]
    let logs: [Float] = [-0.1, -30, 4, 0]
    let result = try weigh(ClippedSurrogate(clipRange: 0.1), new: logs, old: logs, advantages: advantages)
    #expect(result.weights == advantages)
    #expect(result.tally.kl == 0 && result.tally.clipped == 0)
    #expect(result.tally.loss == -4.25)
  }

  @Test func aProbabilityThatBecameInfinitelyLargerIsClipped() throws {
    let result = try weigh(ClippedSurrogate(clipRange: 0.2), new: [0, 0], old: [-500, -500], advantages: [1, 0])
    #expect(result.weights == [0, 0])
  }

  @Test func theRatiosWeightIsTheDerivativeOfItsSurrogate() throws {
    // d/d log r of r A is r A.
    let rows = SurrogateTests.ratios.flatMap { ratio in SurrogateTests.advantages.map { (ratio, $0) } }
    let result = try weigh(
      RatioSurrogate(), new: rows.map { Float(log($0.0)) }, old: rows.map { _ in 0 },
      advantages: rows.map { Float($0.1) })
    #expect(isNear(result.weights, rows.map { Float($0.0 * $0.1) }, within: 1e-5))
    #expect(abs(result.tally.loss + rows.reduce(0) { $0 + $1.0 * $1.1 }) < 1e-5)
  }

  @Test func thePlainWeightIsTheAdvantage() throws {
    let result = try weigh(PlainScore(), new: [-1, -2], old: [0, 0], advantages: [3, -0.5])
    #expect(result.weights == [3, -0.5])
    // -(3·(-1)) - (-½·(-2)) = 3 - 1
    #expect(result.tally.loss == 2)
  }

  @Test(arguments: [Float(0), 0.3], [ValueClip.larger, .alone])
  func theValueWeightIsTheDerivativeOfItsLoss(clipRange: Float, clip: ValueClip) throws {
    func loss(_ value: Double, _ old: Double, _ target: Double) -> Double {
      let free = (value - target) * (value - target)
      guard clipRange > 0 else { return free }
      let range = Double(clipRange)
      let clipped = old + min(max(value - old, -range), range) - target
      return clip == .alone ? clipped * clipped : max(free, clipped * clipped)
    }
    var random = TestRandom(3)
    let count = 200
    let values = random.normals(count)
    let old = random.normals(count, scale: 0.5)
    let targets = random.normals(count)
    let weights = try Buffer<Float>(count: count)
    let total = ValueRegression(clipRange: clipRange, clip: clip).weigh(
      values, oldValues: old, targets: targets, count: count, scale: 0.25, into: weights.pointer)
    var expected = 0.0
    for index in 0..<count {
      let (value, before, target) = (Double(values[index]), Double(old[index]), Double(targets[index]))
      let slope = (loss(value + 1e-6, before, target) - loss(value - 1e-6, before, target)) / 2e-6
      #expect(abs(Double(weights.pointer[index]) + 0.25 * slope) < 1e-5)
      expected += loss(value, before, target)
    }
    #expect(abs(total - expected) < 1e-4 * expected)
  }

  private func weigh(
    _ weighting: any ScoreWeighting, new: [Float], old: [Float], advantages: [Float]
  ) throws -> (weights: [Float], tally: SurrogateTally) {
    let count = new.count
    let (new, old, advantages) = (try Buffer(new), try Buffer(old), try Buffer(advantages))
    let weights = try Buffer<Float>(count: count)
    let scratch = try Buffer<Float>(count: count)
    var tally = SurrogateTally()
    withExtendedLifetime((new, old, advantages)) {
      weighting.weigh(
        WeighedRows(
          count: count, logProbabilities: new.pointer, oldLogProbabilities: old.pointer, advantages: advantages.pointer),
        into: weights.pointer, scratch: scratch.pointer, tally: &tally, .best)
    }
    return (weights.array, tally)
  }
}
