import Testing

@testable import PolicyGradient

/// The weights that the estimators of groups give.
struct GroupEstimatorTests {
  /// Four environments for two steps, γ = 1/2: returns 2 (1 + ½·2), 4, 6 (of one step) and, in the second row of the
  /// third environment, a trajectory of return 3; the fourth environment's rows are in no trajectory.
  private func weights(_ estimator: any AdvantageEstimator) -> [Float] {
    let rewards: [Float] = [1, 4, 6, 9, 2, 0, 3, 9]
    let terminated: [UInt8] = [0, 0, 1, 1, 1, 1, 1, 1]
    let episodeSteps: [Int32] = [0, 0, 0, -1, 1, 1, 0, -1]
    var (weights, targets, scratch) = (
      [Float](repeating: .nan, count: 8), [Float](repeating: .nan, count: 8), [Float](repeating: 0, count: 8)
    )
    let truncated = [UInt8](repeating: 0, count: 8)
    rewards.withUnsafeBufferPointer { rewards in
      terminated.withUnsafeBufferPointer { terminated in
        episodeSteps.withUnsafeBufferPointer { episodeSteps in
          truncated.withUnsafeBufferPointer { truncated in
            let batch = TrajectoryBatch(
              steps: 2, environments: 4, rewards: rewards.baseAddress!, terminated: terminated.baseAddress!,
              truncated: truncated.baseAddress!, episodeSteps: episodeSteps.baseAddress!, gamma: 0.5, values: nil)
            estimator.estimate(batch, weights: &weights, targets: &targets, scratch: &scratch, .best)
          }
        }
      }
    }
    return weights
  }

  @Test func leavingOneOutSubtractsTheMeanOfTheOthers() {
    // First trajectories return 2, 4 and 6: 2 - 5, 4 - 4, 6 - 3. The second of the third environment is alone: 3.
    #expect(weights(LeaveOneOut(groupSize: 4)) == [-3, 0, 3, 0, -3, 0, 3, 0])
  }

  @Test func smallerGroupsAreApart() {
    // {2, 4} give 2 - 4 and 4 - 2; {6, none} gives 6.
    #expect(weights(LeaveOneOut(groupSize: 2)) == [-2, 2, 6, 0, -2, 2, 3, 0])
  }

  @Test func groupNormalisationDividesByTheDeviationOrDoesNot() {
    // Mean 4, standard deviation √((4 + 0 + 4) / 2) = 2; alone, a return is its own mean.
    #expect(weights(GroupNormalized(groupSize: 4, dividesByDeviation: false)) == [-2, 0, 2, 0, -2, 0, 0, 0])
    let scaled = Float(2 / (2 + 1e-4))
    #expect(
      weights(GroupNormalized(groupSize: 4, dividesByDeviation: true)) == [-scaled, 0, scaled, 0, -scaled, 0, 0, 0])
  }

  @Test func aConstantBaselineIsSubtractedFromTheWholeReturn() {
    let result = weights(ConstantBaseline(baseline: 1))
    #expect([0, 1, 2, 4, 5, 6].map { result[$0] } == [1, 3, 5, 1, 3, 2])
  }

  @Test func theOptimalConstantWeighsReturnsBySquaredScores() {
    // (1·1 + 3·5) / (1 + 3)
    #expect(ConstantBaseline.varianceOptimal(returns: [1, 5], squaredScores: [1, 3]) == 4)
    #expect(ConstantBaseline.varianceOptimal(returns: [1, 5], squaredScores: [0, 0]) == 0)
  }
}
