import Foundation
import Testing

@testable import PolicyGradient

/// What changes over a training: schedules, and what follows the KL divergence.
struct ControlTests {
  @Test func schedulesFallToZero() {
    #expect(Schedule.constant.value(8, 0.25) == 8)
    #expect(Schedule.linear.value(8, 0.25) == 2)
    #expect([1, 0.5, 0].map { abs(Schedule.cosine.value(8, $0) - 8 * $0) < 1e-12 } == [true, true, true])
    // ½ (1 - cos 45°) = 0.14645
    #expect(abs(Schedule.cosine.value(1, 0.25) - 0.1464466094) < 1e-9)
  }

  @Test func theLearningRateAndThePenaltyFollowTheDivergence() {
    var control = AdaptiveControl(penalty: 1)
    control.adapt(to: 0.021, desired: 0.01)
    #expect(control.rateFactor == 1 / 1.5 && control.penalty == 2)
    control.adapt(to: 0.016, desired: 0.01)
    #expect(control.rateFactor == 1 / 1.5 && control.penalty == 4)
    control.adapt(to: 0.01, desired: 0.01)
    #expect(control.penalty == 4)
    control.adapt(to: 0.006, desired: 0.01)
    #expect(control.rateFactor == 1 / 1.5 && control.penalty == 2)
    control.adapt(to: 0.004, desired: 0.01)
    #expect(control.rateFactor == 1 && control.penalty == 1)
    control.adapt(to: .nan, desired: 0.01)
    #expect(control.rateFactor == 1 && control.penalty == 1)
    for _ in 0..<100 { control.adapt(to: 1, desired: 0.01) }
    #expect(control.rateFactor == 0.01 && control.penalty == 0x1p20)
    for _ in 0..<100 { control.adapt(to: 0, desired: 0.01) }
    #expect(control.rateFactor == 100 && control.penalty == 0x1p-20)
  }

  @Test func theSignalOfGradientsIsTheirMeanAgainstTheirSpread() throws {
    let signal = try GradientSignal(parameters: 2, .best)
    signal.begin()
    // Halves of sums over two rows.
    let sums = try [[6, 0], [10, 4], [8, 2]].map { try Buffer<Float>($0) }
    signal.add(Gradient(sum: sums[0].pointer, scale: 0.5))
    #expect(signal.toNoise.isNaN)
    for sum in sums.dropFirst() { signal.add(Gradient(sum: sum.pointer, scale: 0.5)) }
    // Mean (4, 1), of square 17; s² = (2 + 2 + 0) / 2 = 2: (17 - 2/3) / 2.
    #expect(abs(signal.toNoise - (17 - 2.0 / 3) / 2) < 1e-6)
  }
}
