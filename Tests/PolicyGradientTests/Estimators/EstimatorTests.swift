import Testing

@testable import PolicyGradient

/// Weights and targets worked by hand; γ and λ are ½, so every number is exact in single precision.
struct EstimatorTests {
  private let whole = WholeTrajectory(hasBaseline: false)
  private let toGo = RewardToGo(hasBaseline: false, discountsScores: false)

  // MARK: Returns

  @Test func everyStepOfAWholeTrajectoryWeighsTheWholeReturn() throws {
    // R = 1 + 2/2 + 4/4 = 3. Targets: G₂ = 4, G₁ = 2 + 2, G₀ = 1 + 2.
    let result = try estimate(whole, Steps(rewards: [1, 2, 4], terminated: [0, 0, 1]))
    #expect(result.weights == [3, 3, 3])
    #expect(result.targets == [3, 4, 4])
  }

  @Test func rewardToGoLeavesOutWhatCameBefore() throws {
    let result = try estimate(toGo, Steps(rewards: [1, 2, 4], terminated: [0, 0, 1]))
    #expect(result.weights == [3, 4, 4])
    #expect(result.targets == [3, 4, 4])
  }

  @Test func rewardToGoMayCarryTheTheoremsDiscount() throws {
    // γ^t G_t = 1·3, ½·4, ¼·4
    let estimator = RewardToGo(hasBaseline: false, discountsScores: true)
    let result = try estimate(estimator, Steps(rewards: [1, 2, 4], terminated: [0, 0, 1]))
    #expect(result.weights == [3, 2, 1])
    #expect(result.targets == [3, 4, 4])
  }

  @Test func aBaselineIsSubtractedFromTheWeightAndNotFromTheTarget() throws {
    let steps = Steps(rewards: [1, 2, 4], terminated: [0, 0, 1], values: [0.5, 1, -1], final: [0, 0, 0], last: [9])
    #expect(try estimate(WholeTrajectory(hasBaseline: true), steps).weights == [2.5, 2, 4])
    #expect(try estimate(WholeTrajectory(hasBaseline: true), steps).targets == [3, 4, 4])
    #expect(try estimate(RewardToGo(hasBaseline: true, discountsScores: false), steps).weights == [2.5, 3, 5])
    // γ^t (G_t - V_t) = 2.5, 3/2, 5/4
    #expect(try estimate(RewardToGo(hasBaseline: true, discountsScores: true), steps).weights == [2.5, 1.5, 1.25])
  }

  @Test func aTruncatedTrajectoryContinuesWithItsLastValueWhereValuesAreKnown() throws {
    // G₁ = 2 + ½·6 = 5, G₀ = 1 + 5/2; without values G₁ = 2, G₀ = 2.
    let known = Steps(rewards: [1, 2], truncated: [0, 1], values: [0, 0], final: [0, 6], last: [100])
    #expect(try estimate(RewardToGo(hasBaseline: true, discountsScores: false), known).weights == [3.5, 5])
    #expect(try estimate(WholeTrajectory(hasBaseline: true), known).weights == [3.5, 3.5])
    #expect(try estimate(toGo, Steps(rewards: [1, 2], truncated: [0, 1])).weights == [2, 2])
  }

  @Test func anEpisodeBothTerminatedAndTruncatedHasNoValueBeyond() throws {
    let steps = Steps(
      rewards: [1, 2], terminated: [0, 1], truncated: [0, 1], values: [0, 0], final: [0, 6], last: [100])
    #expect(try estimate(RewardToGo(hasBaseline: true, discountsScores: false), steps).weights == [2, 2])
    // δ₁ = 2, A₀ = 1 + ¼·2
    #expect(try estimate(GeneralizedAdvantage(lambda: 0.5, discountsScores: false), steps).weights == [1.5, 2])
  }

  /// Environment 0: episodes (1, 2) and (4, 8). Environment 1: episode (16, 32, 64), then a row left out.
  private var twoEnvironments: Steps {
    Steps(
      environments: 2, rewards: [1, 16, 2, 32, 4, 64, 8, 0], terminated: [0, 0, 1, 0, 0, 1, 1, 0],
      episodeSteps: [0, 0, 1, 1, 0, 2, 1, -1])
  }

  @Test func environmentsWhoseEpisodesEndAtDifferentStepsDoNotMix() throws {
    // Environment 0: 1 + 2/2 = 2, then 4 + 8/2 = 8. Environment 1: 16 + 32/2 + 64/4 = 48.
    let weights = try estimate(whole, twoEnvironments).weights
    #expect(weights[..<7] == [2, 48, 2, 48, 8, 48, 8])
    // Environment 0: 2, 2, 8, 8. Environment 1: 48, 32 + 32, 64.
    #expect(try estimate(toGo, twoEnvironments).weights[..<7] == [2, 48, 2, 64, 8, 64, 8])
  }

  @Test func theDiscountCountsFromTheStartOfEachTrajectory() throws {
    let estimator = RewardToGo(hasBaseline: false, discountsScores: true)
    #expect(try estimate(estimator, twoEnvironments).weights[..<7] == [2, 48, 1, 32, 8, 16, 4])
  }

  // MARK: Generalised advantages

  private func advantages(
    terminated: [UInt8] = [0, 0, 0], truncated: [UInt8] = [0, 0, 0], lambda: Double = 0.5,
    discountsScores: Bool = false,
    episodeSteps: [Int32] = [0, 1, 2]
  ) throws -> (weights: [Float], targets: [Float]) {
    try estimate(
      GeneralizedAdvantage(lambda: lambda, discountsScores: discountsScores),
      Steps(
        rewards: [1, 1, 1], terminated: terminated, truncated: truncated, episodeSteps: episodeSteps,
        values: [1, 2, 3],
        final: [99, 8, 99], last: [4]))
  }

  @Test func theEndOfARolloutContinuesWithTheNextValue() throws {
    // δ₂ = 1 + 4/2 - 3 = 0, δ₁ = 1 + 3/2 - 2 = ½, δ₀ = 1 + 2/2 - 1 = 1; A₂ = 0, A₁ = ½, A₀ = 1 + ¼·½
    let result = try advantages()
    #expect(result.weights == [1.125, 0.5, 0])
    #expect(result.targets == [2.125, 2.5, 3])
  }

  @Test func nothingFollowsATerminatedStep() throws {
    // δ₁ = 1 - 2 = -1, A₁ = -1, A₀ = 1 - ¼
    #expect(try advantages(terminated: [0, 1, 0]).weights == [0.75, -1, 0])
  }

  @Test func aTruncatedStepContinuesWithItsFinalValueAlone() throws {
    // δ₁ = 1 + 8/2 - 2 = 3, A₁ = 3, A₀ = 1 + ¼·3
    #expect(try advantages(truncated: [0, 1, 0]).weights == [1.75, 3, 0])
  }

  @Test func lambdaSpansFromOneStepToTheWholeReturn() throws {
    // λ = 0: the δ themselves. λ = 1: A₂ = 0, A₁ = ½, A₀ = 1 + ½·½ = 1 + ½·1 + ¼·1 + ⅛·4 - 1
    #expect(try advantages(lambda: 0).weights == [1, 0.5, 0])
    #expect(try advantages(lambda: 1).weights == [1.25, 0.5, 0])
  }

  @Test func discountedAdvantagesKeepTheirTargets() throws {
    let result = try advantages(discountsScores: true, episodeSteps: [4, 5, 0])
    // (½)⁴·1.125, (½)⁵·½
    #expect(result.weights == [0.0703125, 0.015625, 0])
    #expect(result.targets == [2.125, 2.5, 3])
  }

  // MARK: Support

  private struct Steps {
    var environments = 1
    var rewards: [Float]
    var terminated: [UInt8]?
    var truncated: [UInt8]?
    var episodeSteps: [Int32]?
    var values: [Float]?
    var final: [Float] = []
    var last: [Float] = []
  }

  private func estimate(
    _ estimator: any AdvantageEstimator, _ steps: Steps
  ) throws -> (weights: [Float], targets: [Float]) {
    let rows = steps.rewards.count
    let rewards = try Buffer(steps.rewards)
    let terminated = try Buffer(steps.terminated ?? [UInt8](repeating: 0, count: rows))
    let truncated = try Buffer(steps.truncated ?? [UInt8](repeating: 0, count: rows))
    let episodeSteps = try Buffer(steps.episodeSteps ?? (0..<rows).map { Int32($0) })
    let values = try steps.values.map { try Buffer($0) }
    let (final, last) = (try Buffer(steps.final), try Buffer(steps.last))
    let weights = try Buffer<Float>(count: rows)
    let targets = try Buffer<Float>(count: rows)
    let scratch = try Buffer<Float>(count: rows)
    estimator.estimate(
      TrajectoryBatch(
        steps: rows / steps.environments, environments: steps.environments, rewards: rewards.pointer,
        terminated: terminated.pointer, truncated: truncated.pointer, episodeSteps: episodeSteps.pointer, gamma: 0.5,
        values: values.map { .init(current: $0.pointer, final: final.pointer, last: last.pointer) }),
      weights: weights.pointer, targets: targets.pointer, scratch: scratch.pointer, .best)
    // The buffers outlive the pointers that were taken from them.
    return withExtendedLifetime((rewards, terminated, truncated, episodeSteps, values, final, last)) {
      (weights.array, targets.array)
    }
  }
}
