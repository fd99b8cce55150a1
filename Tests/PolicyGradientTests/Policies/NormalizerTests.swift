import Testing

@testable import PolicyGradient

struct NormalizerTests {
  @Test func momentsOfMergedBatchesMatchThoseOfAllRows() throws {
    // 1, 2, 6 and 3, 8: mean 20/5, squares 9 + 4 + 4 + 1 + 16 = 34, so a variance of 34/5; the excluded row
    // does not count.
    let moments = try RunningMoments(columns: 1)
    for batch in [[1.0, 2, 6], [99, 3, 8]] {
      moments.merge(rows: 3, isIncluded: { batch[$0] != 99 }) { row, _ in batch[row] }
    }
    #expect(moments.count == 5)
    #expect(abs(moments.means.pointer[0] - 4) < 1e-15)
    #expect(abs(moments.variances.pointer[0] - 6.8) < 1e-14)
  }

  @Test func observationsAreShiftedScaledAndClipped() throws {
    let normalizer = try ObservationNormalizer(columns: 2, limit: 1.5)
    // Columns 0, 4 and 7, 7: means 2 and 7, variances 4 and 0.
    normalizer.merge([0, 7, 4, 7], rows: 2) { _ in true }
    let result = try normalizer.normalized([3, 7, 100, 7.5], rows: 2)
    #expect(abs(result[0] - 0.5) < 1e-6)
    #expect(result[1...] == [0, 1.5, 1.5])
  }

  @Test func aNormalizerThatHasSeenNothingChangesNothing() throws {
    let normalizer = try ObservationNormalizer(columns: 1, limit: 10)
    #expect(try normalizer.normalized([3], rows: 1) == [3])
  }

  @Test func aPolicyGetsItsNormalizerBackWhenWhatWouldChangeItIsRefused() throws {
    let policy = try Policy(PolicyConfiguration(observationSize: 2, parts: [ActionPart(.categorical, size: 2)]))
    func refuse(afterLimiting limit: Double) {
      #expect(throws: Refusal.self) {
        try policy.restoringNormalizer { () throws(Refusal) in
          try policy.normalizeObservations(limit: limit)
          throw Refusal(.outOfMemory, "no handle is left")
        }
      }
    }
    refuse(afterLimiting: 5)
    #expect(policy.normalizer == nil)
    try policy.normalizeObservations(limit: 7)
    let normalizer = policy.normalizer
    refuse(afterLimiting: 5)
    #expect(policy.normalizer === normalizer && normalizer?.limit == 7)
  }

  @Test func extremesStayFinite() throws {
    let huge = Float.greatestFiniteMagnitude
    let normalizer = try ObservationNormalizer(columns: 1, limit: 10)
    normalizer.merge([huge, -huge, huge], rows: 3) { _ in true }
    let result = try normalizer.normalized([huge, -huge], rows: 2)
    #expect(result[0] > 0.5 && result[0] <= 10 && result[1] < -0.5 && result[1] >= -10)
  }

  @Test func rewardsAreDividedByTheDeviationOfTheDiscountedReturn() throws {
    let normalizer = try RewardNormalizer(environments: 2, gamma: 0.5, limit: 3)
    // R of the first: 2, then 0.5·2 + 3 = 4; of the second, whose episode ended: 6, then 4. Of 2, 6, 4, 4 the variance
    // is 2.
    normalizer.observe([2, 6], isActive: { _ in true }, hasEnded: { $0 == 1 })
    normalizer.observe([3, 4], isActive: { _ in true }, hasEnded: { _ in false })
    let rewards = try Buffer<Float>(count: 3)
    normalizer.normalize([1, -2, 100], count: 3, into: rewards.pointer)
    let expected: [Float] = [Float(0.5).squareRoot(), -Float(2).squareRoot(), 3]
    for (reward, wanted) in zip(rewards.elements, expected) { #expect(abs(reward - wanted) < 1e-6) }
  }
}
