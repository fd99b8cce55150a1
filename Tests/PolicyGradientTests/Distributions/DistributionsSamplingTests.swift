import Foundation
import Testing

@testable import PolicyGradient

/// Draws a million actions of one row of outputs, of which a mask may allow some.
private func draw(
  _ part: ActionPart, stateDependentStd: Bool = false, outputs: [Float], parameters: [Float] = [], mask: [UInt8]? = nil,
  each body: (UnsafeBufferPointer<Float>) -> Void
) {
  let rows = 50_000
  var outputs = outputs
  if let mask { ActionSpace([part]).mask(&outputs, rows: 1, by: mask) }
  let policy = PartAt(
    part, stateDependentStd: stateDependentStd, outputs: Array(repeatElement(outputs, count: rows).joined()),
    parameters: parameters)
  for step in 0..<20 as Range<UInt64> {
    policy.sample(seed: 11, step: step).actions.withUnsafeBufferPointer(body)
  }
}

/// Pearson's Σ (observed - expected)²/expected, in standard deviations above its mean. Cells expected to hold fewer
/// than twenty draws count together.
private func chiSquareExcess(_ counts: [Int], _ probabilities: [Double]) -> Double {
  let total = Double(counts.reduce(0, +))
  var (statistic, cells) = (0.0, 0)
  var (rareCount, rareExpected) = (0.0, 0.0)
  for (count, probability) in zip(counts, probabilities) {
    let expected = total * probability
    if expected < 20 {
      rareCount += Double(count)
      rareExpected += expected
    } else {
      statistic += (Double(count) - expected) * (Double(count) - expected) / expected
      cells += 1
    }
  }
  if rareExpected > 20 {
    statistic += (rareCount - rareExpected) * (rareCount - rareExpected) / rareExpected
    cells += 1
  }
  let freedom = Double(max(cells - 1, 1))
  return (statistic - freedom) / (2 * freedom).squareRoot()
}

/// The chi-square excess of a million draws of a column in 64 cells from `start` to `end` and two beyond, where
/// `density` is integrated by Simpson's rule.
private func excess(
  _ part: ActionPart, stateDependentStd: Bool = false, outputs: [Float], parameters: [Float] = [],
  from start: Double, to end: Double, density: (Double) -> Double
) -> Double {
  let cells = 64
  var counts = [Int](repeating: 0, count: cells + 1)
  let scale = Double(cells) / (end - start)
  draw(part, stateDependentStd: stateDependentStd, outputs: outputs, parameters: parameters) { actions in
    for action in actions {
      let cell = ((Double(action) - start) * scale).rounded(.down)
      counts[cell >= 0 && cell < Double(cells) ? Int(cell) : cells] += 1
    }
  }
  let width = (end - start) / Double(cells * 32)
  var probabilities = (0..<cells).map { cell in
    (0..<32).reduce(0.0) { sum, piece in
      let x = start + Double(cell * 32 + piece) * width
      return sum + (density(x) + 4 * density(x + width / 2) + density(x + width)) * width / 6
    }
  }
  probabilities.append(max(0, 1 - probabilities.reduce(0, +)))
  return chiSquareExcess(counts, probabilities)
}

/// A right sampler exceeds 5 at one seed in two million; the seed is fixed.
private let limit = 5.0

@Suite struct DistributionsSamplingTests {
  /// Whole and masked: a choice that is not allowed is drawn not once in a million, the rest as often as they share.
  @Test(arguments: [5, 100], [false, true]) func choicesAreDrawnByTheirProbabilities(
    _ size: Int, _ masks: Bool
  ) {
    var random = TestRandom(12)
    let logits = random.normals(size, scale: 1.5)
    let mask = (0..<size).map { UInt8(masks && $0 % 3 == 1 ? 0 : 1) }
    var counts = [Int](repeating: 0, count: size)
    draw(ActionPart(.categorical, size: size), outputs: logits, mask: masks ? mask : nil) { actions in
      for action in actions { counts[Int(action)] += 1 }
    }
    let weights = (0..<size).map { mask[$0] == 1 ? exp(Double(logits[$0])) : 0 }
    let total = weights.reduce(0, +)
    #expect((0..<size).allSatisfy { mask[$0] == 1 || counts[$0] == 0 })
    let allowed = (0..<size).filter { mask[$0] == 1 }
    if allowed.count > 1 {
      #expect(chiSquareExcess(allowed.map { counts[$0] }, allowed.map { weights[$0] / total }) < limit)
    } else {
      #expect(counts[allowed[0]] == 1_000_000)
    }
  }

  @Test(arguments: [false, true]) func gaussianActionsFollowTheirDensity(_ byState: Bool) {
    let (mean, logStd) = (Float(-0.7), Float(0.6))
    let (center, spread) = (Double(mean), exp(Double(logStd)))
    let result = excess(
      ActionPart(.gaussian, size: 1), stateDependentStd: byState, outputs: byState ? [mean, logStd] : [mean],
      parameters: byState ? [] : [logStd], from: center - 5 * spread, to: center + 5 * spread
    ) { action in
      let z = (action - center) / spread
      return exp(-0.5 * z * z) / (spread * (2 * Double.pi).squareRoot())
    }
    #expect(result < limit)
  }

  @Test func bitsThatMayBeOneThingAreItForCertainAndTheOthersKeepTheirProbabilities() {
    var counts = [Int](repeating: 0, count: 8)
    let mask: [UInt8] = [1, 0, 1, 1, 0, 1]
    draw(ActionPart(.bernoulli, size: 3), outputs: [4, 0.5, -4], mask: mask) { actions in
      for row in stride(from: 0, to: actions.count, by: 3) {
        counts[Int(actions[row]) + 2 * Int(actions[row + 1]) + 4 * Int(actions[row + 2])] += 1
      }
    }
    let p = 1 / (1 + exp(-0.5))
    #expect(counts[4] + counts[6] == 1_000_000)
    #expect(chiSquareExcess([counts[4], counts[6]], [1 - p, p]) < limit)
  }

  @Test func bitsAreIndependentAndOfTheirProbabilities() {
    let logits: [Float] = [-1.5, 0, 3]
    let p = logits.map { 1 / (1 + exp(-Double($0))) }
    var counts = [Int](repeating: 0, count: 8)
    draw(ActionPart(.bernoulli, size: 3), outputs: logits) { actions in
      for row in stride(from: 0, to: actions.count, by: 3) {
        counts[Int(actions[row]) + 2 * Int(actions[row + 1]) + 4 * Int(actions[row + 2])] += 1
      }
    }
    let expected: [Double] = (0..<8).map { pattern in
      var product = 1.0
      for bit in 0..<3 { product *= pattern >> bit & 1 == 1 ? p[bit] : 1 - p[bit] }
      return product
    }
    #expect(chiSquareExcess(counts, expected) < limit)
  }

  @Test func squashedActionsFollowTheirDensity() {
    let (mean, logStd) = (Float(0.4), Float(-0.3))
    let spread = exp(Double(logStd))
    let result = excess(
      ActionPart(.squashedGaussian, size: 1, low: -1, high: 3), outputs: [mean], parameters: [logStd],
      from: -1 + 1e-9, to: 3 - 1e-9
    ) { action in
      let y = (action - 1) / 2
      let z = (atanh(y) - Double(mean)) / spread
      return exp(-0.5 * z * z) / (spread * (2 * Double.pi).squareRoot()) / (1 - y * y) / 2
    }
    #expect(result < limit)
  }

  @Test(arguments: [
    [Float(-30), -30], [0.5, 2], [-30, 3], [5, -30], [40, 60], [1e4, 1e4],
  ]) func betaActionsFollowTheirDensity(_ inputs: [Float]) {
    let shapes = inputs.map { 1 + max(Double($0), 0) + log1p(exp(-abs(Double($0)))) }
    let (a, b) = (shapes[0], shapes[1])
    let mean = a / (a + b)
    let deviation = (mean * (1 - mean) / (a + b + 1)).squareRoot()
    let constant = lgamma(a + b) - lgamma(a) - lgamma(b)
    let (start, end) = (max(0, mean - 5 * deviation), min(1, mean + 5 * deviation))
    let result = excess(ActionPart(.beta, size: 1, low: 0, high: 1), outputs: inputs, from: start, to: end) { x in
      exp((a == 1 ? 0 : (a - 1) * log(max(x, 1e-300))) + (b == 1 ? 0 : (b - 1) * log1p(-min(x, 1 - 1e-16))) + constant)
    }
    #expect(result < limit)
  }

  @Test func betaColumnsAreDrawnApart() {
    // Of independent columns the mean product of deviations is 0, within 5/√10⁶ standard deviations.
    var (sums, product, squares) = ([0.0, 0.0], 0.0, [0.0, 0.0])
    draw(ActionPart(.beta, size: 2, low: -0.5, high: 0.5), outputs: [0, 0, 0, 0]) { actions in
      for row in stride(from: 0, to: actions.count, by: 2) {
        let (x, y) = (Double(actions[row]), Double(actions[row + 1]))
        sums[0] += x
        sums[1] += y
        product += x * y
        squares[0] += x * x
        squares[1] += y * y
      }
    }
    #expect(abs(product / (squares[0] * squares[1]).squareRoot()) < 5e-3)
    #expect(abs(sums[0] / 1e6) < 5e-3 * (squares[0] / 1e6).squareRoot())
  }
}
