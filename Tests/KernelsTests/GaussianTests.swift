import Foundation
import Testing

private let widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 70]

/// Means, logarithms of deviations and actions of seven rows.
private struct Batch {
  let rows = 7
  let columns: Int
  let mean: Fenced
  let logStd: Fenced
  let actions: Fenced
  let weights: [Float] = [1, -2, 0.5, 0, 3, -0.25, 1]

  init(_ columns: Int) {
    var random = TestRandom(UInt64(columns))
    self.columns = columns
    mean = Fenced(random.floats(7 * columns, 2))
    logStd = Fenced(random.floats(7 * columns, 1))
    actions = Fenced(random.floats(7 * columns, 3))
  }

  var count: Int { rows * columns }

  /// (a - μ)/σ and log σ in double.
  func standardized(_ row: Int, _ j: Int, sharedRow: Bool) -> (z: Double, logStd: Double) {
    let at = row * columns + j
    let spread = Double(logStd.last(count)[sharedRow ? j : at])
    return ((Double(actions.last(count)[at]) - Double(mean.last(count)[at])) / exp(spread), spread)
  }
}

@Suite struct GaussianTests {
  @Test(arguments: builds, [false, true])
  func logProbabilitiesAndEntropiesMatchDoublePrecision(_ build: KernelSet, _ shared: Bool) {
    for columns in widths {
      let batch = Batch(columns)
      let stride = shared ? 0 : columns
      let logStd = batch.logStd.last(batch.count)
      var logProbabilities: [Float] = [0, 1, 2, 3, 4, 5, 6]
      var entropies: [Float] = [0, 1, 2, 3, 4, 5, 6]
      build.gaussian.logProbability(
        7, columns, batch.mean.last(batch.count), columns, logStd, stride, batch.actions.last(batch.count), columns,
        &logProbabilities)
      build.gaussian.entropy(7, columns, logStd, stride, &entropies)
      for row in 0..<7 {
        var density = Double(row)
        var entropy = Double(row)
        for j in 0..<columns {
          let (z, spread) = batch.standardized(row, j, sharedRow: shared)
          density += -0.5 * z * z - spread - 0.5 * log(2 * Double.pi)
          entropy += spread + 0.5 * log(2 * Double.pi * M_E)
        }
        // Relative: the terms' own rounding, the exponential's 1 ULP twice in z², and the rounding of their sum.
        #expect(isClose(logProbabilities[row], density, 2e-6))
        #expect(isClose(entropies[row], entropy, 1e-6))
      }
    }
  }

  @Test(arguments: builds) func theStandardNormalAtItsMeanHasItsKnownDensity(_ build: KernelSet) {
    // -½ log 2π = -0.9189385, ½ log 2πe = 1.4189385
    var result: [Float] = [0, 0]
    build.gaussian.logProbability(1, 1, [3], 1, [0], 0, [3], 1, &result[0])
    build.gaussian.entropy(1, 1, [0], 0, &result[1])
    #expect(result == [-0.9189385, 1.4189385])
  }

  @Test(arguments: builds) func aSampleIsMeanPlusDeviationTimesNormal(_ build: KernelSet) {
    for columns in widths {
      let batch = Batch(columns)
      let actions = Fenced(batch.count)
      let normals = batch.actions.last(batch.count)
      let mean = batch.mean.last(batch.count)
      let logStd = batch.logStd.last(batch.count)
      var sampled = [Float](repeating: 0, count: 7)
      var evaluated = [Float](repeating: 0, count: 7)
      build.gaussian.sample(
        7, columns, mean, columns, logStd, columns, normals, actions.last(batch.count), columns, &sampled)
      build.gaussian.logProbability(
        7, columns, mean, columns, logStd, columns, actions.last(batch.count), columns, &evaluated)
      #expect(sameBits(sampled, evaluated))
      for at in 0..<batch.count {
        let expected = Double(mean[at]) + exp(Double(logStd[at])) * Double(normals[at])
        #expect(isClose(actions.last(batch.count)[at], expected, 1e-6))
      }
    }
  }

  @Test(arguments: builds, [false, true])
  func theScoreIsTheGradientOfLogProbabilityAndEntropy(_ build: KernelSet, _ shared: Bool) {
    for columns in widths {
      let batch = Batch(columns)
      let stride = shared ? 0 : columns
      let spreadCount = shared ? columns : batch.count
      let betas = (0..<7).map { 0.25 * Float($0) }
      let meanGradient = Fenced(batch.count)
      let spreadGradient = Fenced([Float](repeating: 10, count: spreadCount))
      build.gaussian.score(
        7, columns, batch.mean.last(batch.count), columns, batch.logStd.last(batch.count), stride,
        batch.actions.last(batch.count), columns, batch.weights, betas, meanGradient.last(batch.count), columns,
        spreadGradient.last(spreadCount), stride)
      var expected = [Double](repeating: shared ? 10 : 0, count: spreadCount)
      for row in 0..<7 {
        for j in 0..<columns {
          let (z, spread) = batch.standardized(row, j, sharedRow: shared)
          let weight = Double(batch.weights[row])
          expected[row * stride + j] += weight * (z * z - 1) + Double(betas[row])
          #expect(isClose(meanGradient.last(batch.count)[row * columns + j], weight * z / exp(spread), 2e-6))
        }
      }
      let result = spreadGradient.values(spreadCount)
      // Rows of opposite signs cancel in the shared sum, whose terms reach 600: 600 · 2⁻²⁴ · 7 rows.
      for j in 0..<spreadCount { #expect(abs(Double(result[j]) - expected[j]) < 3e-4) }
    }
  }

  @Test(arguments: builds) func aRowHasTheSameBitsAloneAndAmongOthers(_ build: KernelSet) {
    for columns in [1, 6, 8, 17] {
      let batch = Batch(columns)
      let logStd = batch.logStd.last(batch.count)
      var all = [Float](repeating: 0, count: 7)
      build.gaussian.logProbability(
        7, columns, batch.mean.last(batch.count), columns, logStd, 0, batch.actions.last(batch.count), columns, &all)
      var alone = [Float](repeating: 0, count: 7)
      for row in 0..<7 {
        build.gaussian.logProbability(
          1, columns, batch.mean.last(batch.count) + row * columns, columns, logStd, columns,
          batch.actions.last(batch.count) + row * columns, columns, &alone[row])
      }
      #expect(sameBits(all, alone))
    }
  }
}
