import Foundation
import Testing

/// log p of every choice, in double.
private func logSoftmax(_ logits: ArraySlice<Float>) -> [Double] {
  let maximum = Double(logits.max()!)
  let total = logits.reduce(0) { $0 + exp(Double($1) - maximum) }
  return logits.map { Double($0) - maximum - log(total) }
}

private func entropy(_ logProbabilities: [Double]) -> Double {
  -logProbabilities.reduce(0) { $0 + ($1 == -.infinity ? 0 : exp($1) * $1) }
}

/// Rows of logits in memory that ends with the last row.
private struct Rows {
  let memory: Fenced
  let rows: Int
  let columns: Int
  let values: [Float]
  var logits: UnsafeMutablePointer<Float> { memory.last(rows * columns) }

  init(_ rows: Int, _ columns: Int, scale: Float = 3, seed: UInt64 = 1) {
    var random = TestRandom(seed)
    self.init(rows, columns, random.floats(rows * columns, scale))
  }

  init(_ rows: Int, _ columns: Int, _ values: [Float]) {
    (self.rows, self.columns, self.values) = (rows, columns, values)
    memory = Fenced(values)
  }

  func logSoftmax(_ row: Int) -> [Double] {
    KernelsTests.logSoftmax(values[row * columns..<(row + 1) * columns])
  }
}

private let widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 70, 257]

@Suite struct CategoricalTests {
  // Tolerances are relative to max(1, |expected|): a few roundings of a sum of terms near 1, and of logits up to 1e4.

  @Test(arguments: builds, [3, 1e4] as [Float])
  func logProbabilitiesAndEntropiesMatchDoublePrecision(_ build: KernelSet, _ scale: Float) {
    for columns in widths {
      let batch = Rows(5, columns, scale: scale)
      let actions = (0..<5).map { Float($0 * 7 % columns) }
      var logProbabilities: [Float] = [0, 1, 2, 3, 4]
      var entropies: [Float] = [0, 1, 2, 3, 4]
      build.categorical.logProbability(5, columns, batch.logits, columns, actions, 1, &logProbabilities)
      build.categorical.entropy(5, columns, batch.logits, columns, &entropies)
      for row in 0..<5 {
        let exact = batch.logSoftmax(row)
        #expect(isClose(logProbabilities[row], Double(row) + exact[Int(actions[row])], 1e-6))
        #expect(isClose(entropies[row], Double(row) + entropy(exact), 2e-6))
      }
    }
  }

  /// One choice, or two equal ones, whose logits exceed the others by a gap. The small probabilities that remain are as
  /// precise as the large ones.
  @Test(arguments: builds, [0.01, 1, 5, 12, 18, 40, 80] as [Float])
  func nearCertaintyKeepsItsRelativePrecision(_ build: KernelSet, _ gap: Float) {
    for columns in [2, 3, 8, 9, 40] {
      for alike in 1...2 where alike < columns {
        let logits = (0..<columns).map { 1 - ($0 < columns - alike ? gap : 0) }
        let rest = Double(alike - 1) + Double(columns - alike) * exp(-Double(gap))
        let (best, others) = (-log1p(rest), -Double(gap) - log1p(rest))
        let entropy = -(Double(alike) * exp(best) * best + Double(columns - alike) * exp(others) * others)
        var result: [Float] = [0, 0, 0]
        build.categorical.logProbability(1, columns, logits, columns, [Float(columns - 1)], 1, &result[0])
        build.categorical.logProbability(1, columns, logits, columns, [0], 1, &result[1])
        build.categorical.entropy(1, columns, logits, columns, &result[2])
        for (value, expected) in zip(result, [best, others, entropy]) {
          #expect(abs(Double(value) - expected) <= 2e-6 * abs(expected), "\(columns), \(alike): \(value), \(expected)")
        }
      }
    }
  }

  @Test(arguments: builds) func tenThousandChoicesAreRight(_ build: KernelSet) {
    let batch = Rows(1, 10_000)
    var result: [Float] = [0, 0]
    let exact = batch.logSoftmax(0)
    build.categorical.logProbability(1, 10_000, batch.logits, 10_000, [9_999], 1, &result)
    #expect(isClose(result[0], exact[9_999], 1e-6))
    build.categorical.entropy(1, 10_000, batch.logits, 10_000, &result[1])
    #expect(isClose(result[1], entropy(exact), 1e-6))
  }

  @Test(arguments: builds) func uniformLogitsHaveTheirKnownEntropy(_ build: KernelSet) {
    // Four equal choices: H = ln 4, log p = -ln 4.
    var result: [Float] = [0, 0]
    build.categorical.entropy(1, 4, [-1e4, -1e4, -1e4, -1e4], 4, &result[0])
    build.categorical.logProbability(1, 4, [1e4, 1e4, 1e4, 1e4], 4, [2], 1, &result[1])
    #expect(result == [1.3862944, -1.3862944])
  }

  @Test(arguments: builds) func theScoreIsTheGradientOfLogProbabilityAndEntropy(_ build: KernelSet) {
    for columns in widths {
      for betas: [Float] in [[0, 0, 0], [0.25, 0, -0.5]] {
        let batch = Rows(3, columns)
        let actions = (0..<3).map { Float($0 * 5 % columns) }
        let weights: [Float] = [1, -2, 0.5]
        let gradient = Fenced(3 * columns)
        build.categorical.score(
          3, columns, batch.logits, columns, actions, 1, weights, betas, gradient.last(3 * columns), columns)
        let result = gradient.values(3 * columns)
        for row in 0..<3 {
          let logs = batch.logSoftmax(row)
          let h = entropy(logs)
          for j in 0..<columns {
            let p = exp(logs[j])
            let chosen = Float(j) == actions[row] ? 1.0 : 0
            let expected = Double(weights[row]) * (chosen - p) - Double(betas[row]) * p * (logs[j] + h)
            #expect(isClose(result[row * columns + j], expected, 1e-6))
          }
        }
      }
    }
  }

  // Rows of up to 8 choices and longer ones go different ways, and so the following have some of both.

  @Test(arguments: builds, [6, 11]) func theScoreMayTakeTheLogitsPlace(_ build: KernelSet, _ columns: Int) {
    let batch = Rows(10, columns)
    let actions = (0..<10).map { Float($0 % columns) }
    let weights = (0..<10).map { Float($0) - 4.5 }
    var apart = [Float](repeating: 0, count: 10 * columns)
    build.categorical.score(
      10, columns, batch.logits, columns, actions, 1, weights, [Float](repeating: 0.1, count: 10), &apart, columns)
    build.categorical.score(
      10, columns, batch.logits, columns, actions, 1, weights, [Float](repeating: 0.1, count: 10), batch.logits, columns
    )
    #expect(sameBits(batch.memory.values(10 * columns), apart))
  }

  @Test(arguments: builds, [4, 8, 9, 20])
  func aMaskedChoiceHasProbabilityZeroAndNoGradient(_ build: KernelSet, _ columns: Int) {
    // Two choices are left, 1 and 3, with logits 0: p = ½ each, H = ln 2.
    let masked = (0..<columns).filter { $0 != 1 && $0 != 3 }
    var logits = [Float](repeating: -.infinity, count: columns)
    (logits[1], logits[3]) = (0, 0)
    var result: [Float] = [0, 0, 0]
    build.categorical.logProbability(1, columns, logits, columns, [3], 1, &result[0])
    build.categorical.logProbability(1, columns, logits, columns, [2], 1, &result[1])
    build.categorical.entropy(1, columns, logits, columns, &result[2])
    #expect(result == [-0.6931472, -.infinity, 0.6931472])
    for action: Float in [3, 2] {
      var gradient = [Float](repeating: .nan, count: columns)
      build.categorical.score(1, columns, logits, columns, [action], 1, [2], [0.5], &gradient, columns)
      #expect(gradient[1] == -1 && gradient[3] == (action == 3 ? 1 : -1))
      #expect(masked.map { gradient[$0] } == masked.map { _ in 0 })
    }
    for uniform: Float in [0, 0.25, 0.4999, 0.5, 0.75, 0.99999994] {
      var action: Float = -1
      var logProbability: Float = 0
      build.categorical.sample(1, columns, logits, columns, [uniform], &action, 1, &logProbability)
      #expect(action == (uniform < 0.5 ? 1 : 3))
      #expect(logProbability == -0.6931472)
    }
  }

  @Test(arguments: builds) func aSampleIsTheInverseOfTheCumulativeDistribution(_ build: KernelSet) {
    for columns in widths {
      let batch = Rows(40, columns, seed: 9)
      var random = TestRandom(2)
      let uniforms = (0..<40).map { _ in Float(random.next() >> 40) * 0x1p-24 }
      var actions = [Float](repeating: -1, count: 40)
      var sampled = [Float](repeating: 0, count: 40)
      var evaluated = [Float](repeating: 0, count: 40)
      build.categorical.sample(40, columns, batch.logits, columns, uniforms, &actions, 1, &sampled)
      build.categorical.logProbability(40, columns, batch.logits, columns, actions, 1, &evaluated)
      #expect(sameBits(sampled, evaluated))
      for row in 0..<40 {
        let choice = Int(actions[row])
        let p = batch.logSoftmax(row).map { exp($0) }
        // The uniform lies between the cumulative probabilities around the choice, to within the rounding of p.
        #expect(p[..<choice].reduce(0, +) <= Double(uniforms[row]) + 1e-6)
        #expect(p[...choice].reduce(0, +) >= Double(uniforms[row]) - 1e-6)
      }
    }
  }

  @Test(arguments: builds) func noRowsOrNoColumnsAreNothingToDo(_ build: KernelSet) {
    for (rows, columns) in [(0, 3), (0, 9), (2, 0)] {
      var values: [Float] = [7, 7, 7]
      build.categorical.logProbability(rows, columns, [0], 0, [0, 0], 1, &values)
      build.categorical.entropy(rows, columns, [0], 0, &values)
      build.categoricalMode(rows, columns, [0], 0, &values, 1)
      var actions = values
      build.categorical.sample(rows, columns, [0], 0, [0, 0], &actions, 1, &values)
      build.categorical.score(rows, columns, [0], 0, [0, 0], 1, [1, 1], [1, 1], &values, 1)
      #expect(values == [7, 7, 7] && actions == [7, 7, 7])
    }
  }

  @Test(arguments: builds) func theLargestUniformStillChooses(_ build: KernelSet) {
    for columns in 1...70 {
      let batch = Rows(1, columns, scale: 8, seed: UInt64(columns))
      var action: Float = -1
      var logProbability: Float = 0
      build.categorical.sample(1, columns, batch.logits, columns, [1 - 0x1p-24], &action, 1, &logProbability)
      #expect(action >= 0 && action < Float(columns) && logProbability > -90)
    }
  }

  @Test(arguments: builds) func theModeIsTheFirstOfTheLargest(_ build: KernelSet) {
    for columns in widths {
      var values = [Float](repeating: 1, count: 2 * columns)
      values[columns / 2] = 2
      values[columns - 1] = 2
      let batch = Rows(2, columns, values)
      var actions: [Float] = [-1, 7, -1]
      build.categoricalMode(2, columns, batch.logits, columns, &actions, 2)
      #expect(actions == [Float(columns / 2), 7, 0])
    }
  }

  @Test(arguments: builds) func aRowHasTheSameBitsAloneAndAmongOthers(_ build: KernelSet) {
    for columns in [1, 2, 6, 8, 19] {
      let batch = Rows(13, columns, seed: 4)
      let actions = (0..<13).map { Float($0 % columns) }
      var all = [Float](repeating: 0, count: 13)
      build.categorical.logProbability(13, columns, batch.logits, columns, actions, 1, &all)
      build.categorical.entropy(13, columns, batch.logits, columns, &all)
      var alone = [Float](repeating: 0, count: 13)
      for row in 0..<13 {
        let logits = batch.logits + row * columns
        build.categorical.logProbability(1, columns, logits, columns, [actions[row]], 1, &alone[row])
        build.categorical.entropy(1, columns, logits, columns, &alone[row])
      }
      #expect(sameBits(all, alone))
    }
  }

  @Test(arguments: builds, [1, 6, 8, 10]) func logitsThatAreNaNAnswerNaN(_ build: KernelSet, _ columns: Int) {
    for place in 0..<columns {
      var logits = [Float](repeating: 0, count: columns)
      logits[place] = .nan
      var result: [Float] = [0, 0]
      build.categorical.logProbability(1, columns, logits, columns, [0], 1, &result[0])
      build.categorical.entropy(1, columns, logits, columns, &result[1])
      #expect(result[0].isNaN && result[1].isNaN)
      var gradient = [Float](repeating: 0, count: columns)
      build.categorical.score(1, columns, logits, columns, [0], 1, [1], [0], &gradient, columns)
      #expect(gradient[place].isNaN)
      // No probability is known, but the answer is still a choice.
      for kernel in 0..<2 {
        var action: Float = -1
        if kernel == 0 {
          build.categorical.sample(1, columns, logits, columns, [0.5], &action, 1, &result[0])
        } else {
          build.categoricalMode(1, columns, logits, columns, &action, 1)
        }
        #expect(action >= 0 && action < Float(columns))
      }
    }
  }

  @Test(arguments: builds, [3, 12]) func stridesKeepClearOfWhatLiesBetween(_ build: KernelSet, _ columns: Int) {
    // Rows 5 floats apart, actions in the second of three columns: all else keeps its canary.
    let (rows, stride) = (11, columns + 5)
    var random = TestRandom(8)
    let logits = random.floats(rows * stride)
    let actions = Fenced(rows * 3)
    let gradient = Fenced(rows * stride)
    actions.fillWithCanaries()
    gradient.fillWithCanaries()
    let action = actions.last(rows * 3 - 1)
    let slope = gradient.last((rows - 1) * stride + columns)
    var result = [Float](repeating: 0, count: rows)
    let uniforms = random.floats(rows).map(abs)
    build.categorical.sample(rows, columns, logits, stride, uniforms, action, 3, &result)
    build.categorical.score(
      rows, columns, logits, stride, action, 3, uniforms, [Float](repeating: 0, count: rows), slope, stride)
    let between = [Float](repeating: canary, count: 5)
    for row in 0..<rows {
      #expect(action[3 * row] >= 0 && action[3 * row] < Float(columns))
      #expect(sameBits(action + 3 * row + 1, between, row < rows - 1 ? 2 : 1))
      if row < rows - 1 { #expect(sameBits(slope + row * stride + columns, between, 5)) }
    }
  }
}
