import Foundation
import Testing

@Suite struct RandomTests {
  @Test(arguments: builds) func philoxAnswersItsKnownCounters(_ build: KernelSet) {
    // The known-answer vectors of Random123 for philox4x32-10. The last counter word is stream << 20 | block.
    var zeros = [UInt32](repeating: 0, count: 4)
    build.randomWords(0, 0, 0, 0, 1, 4, &zeros)
    #expect(zeros == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])

    let block = 0x7344
    var digitsOfPi = [UInt32](repeating: 0, count: 4 * block + 4)
    build.randomWords(0x299f_31d0_a409_3822, 0x037, 0x85a3_08d3_243f_6a88, 0x1319_8a2e, 1, 4 * block + 4, &digitsOfPi)
    #expect(Array(digitsOfPi.suffix(4)) == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])

    var ones = [UInt32](repeating: 0, count: 4 << 20)
    build.randomWords(.max, 0xfff, .max, 0xffff_ffff, 1, 4 << 20, &ones)
    #expect(Array(ones.suffix(4)) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
  }

  @Test(arguments: builds) func aDrawDependsOnItsPlaceAloneAndNotOnHowManyAreAskedFor(_ build: KernelSet) {
    let draws = [build.uniformDraws, build.normalDraws]
    for draw in draws {
      let whole = Fenced(30 * 23)
      draw(5, 2, 9, 100, 30, 23, whole.last(30 * 23))
      let all = whole.values(30 * 23)
      for columns in [1, 2, 3, 4, 5, 8, 17, 23] {
        for rows in [1, 2, 7, 8, 9, 30] {
          for first in [0, 30 - rows] {
            let part = Fenced(rows * columns + 8)
            part.fillWithCanaries()
            let result = part.last(rows * columns)
            draw(5, 2, 9, 100 + first, rows, columns, result)
            var same = sameBits(result - 8, [Float](repeating: canary, count: 8), 8)
            for row in 0..<rows {
              for column in 0..<columns where result[row * columns + column] != all[(first + row) * 23 + column] {
                same = false
              }
            }
            #expect(same, "\(rows) × \(columns)")
          }
        }
      }
    }
  }

  @Test(arguments: builds) func seedStreamStepAndRowEachChangeTheWords(_ build: KernelSet) {
    let keys: [(UInt64, Int, UInt64, Int)] = [
      (0, 0, 0, 0), (1, 0, 0, 0), (1 << 32, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 1 << 32, 0), (0, 0, 0, 1),
    ]
    var seen: Set<[UInt32]> = []
    for (seed, stream, step, row) in keys {
      var words = [UInt32](repeating: 0, count: 4)
      build.randomWords(seed, stream, step, row, 1, 4, &words)
      seen.insert(words)
    }
    #expect(seen.count == keys.count)
  }

  @Test(arguments: builds) func drawsOfNothingWriteNothing(_ build: KernelSet) {
    var value: Float = 7
    build.uniformDraws(0, 0, 0, 0, 0, 3, &value)
    build.normalDraws(0, 0, 0, 0, 3, 0, &value)
    #expect(value == 7)
  }

  @Test(arguments: builds) func uniformsAreTheHighBitsOfTheWords(_ build: KernelSet) {
    var words = [UInt32](repeating: 0, count: 1000)
    var uniforms = [Float](repeating: 0, count: 1000)
    build.randomWords(3, 1, 4, 0, 100, 10, &words)
    build.uniformDraws(3, 1, 4, 0, 100, 10, &uniforms)
    #expect(uniforms == words.map { Float($0 >> 8) * 0x1p-24 })
  }

  @Test(arguments: builds) func uniformsFillTheirBinsEvenly(_ build: KernelSet) {
    var uniforms = [Float](repeating: 0, count: 100_000)
    build.uniformDraws(1, 0, 0, 0, 100_000, 1, &uniforms)
    var bins = [Int](repeating: 0, count: 100)
    for uniform in uniforms { bins[Int(uniform * 100)] += 1 }
    let chiSquare = bins.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    // 99 degrees of freedom: 99 ± 14; outside of [57, 149] once in a thousand seeds.
    #expect(chiSquare > 57 && chiSquare < 149)
  }

  @Test(arguments: builds) func normalsAreTheQuantilesOfTheirWords(_ build: KernelSet) {
    var words = [UInt32](repeating: 0, count: 20_000)
    var normals = [Float](repeating: 0, count: 20_000)
    build.randomWords(8, 1, 4, 0, 2000, 10, &words)
    build.normalDraws(8, 1, 4, 0, 2000, 10, &normals)
    var worst = 0.0
    for (word, z) in zip(words, normals) {
      let p = (Double(word & 0x7fff_ffff) + 0.5) * 0x1p-32
      // Q(|z|) = ½ erfc(|z|/√2) must give p back; an error dz changes it by dz times the density, about Q|z| in the
      // tail.
      let back = 0.5 * erfc(abs(Double(z)) / 2.0.squareRoot())
      let density = exp(-0.5 * Double(z) * Double(z)) / (2 * Double.pi).squareRoot()
      worst = max(worst, abs(back - p) / density / max(1, abs(Double(z))))
      if (word >> 31 == 1) != (z.sign == .minus) { worst = .infinity }
    }
    // 2e-6: some ten roundings to 2⁻²⁴.
    #expect(worst < 2e-6)
  }

  @Test(arguments: builds) func normalsFollowTheNormalDistribution(_ build: KernelSet) {
    let count = 100_000
    var normals = [Float](repeating: 0, count: count)
    build.normalDraws(1, 1, 0, 0, count / 4, 4, &normals)
    normals.sort()
    var distance = 0.0
    for (i, z) in normals.enumerated() {
      let cumulative = 0.5 * erfc(-Double(z) / 2.0.squareRoot())
      distance = max(
        distance, abs(cumulative - Double(i) / Double(count)), abs(cumulative - Double(i + 1) / Double(count)))
    }
    // Kolmogorov and Smirnov: √n D exceeds 1.95 once in a thousand seeds.
    #expect(distance * Double(count).squareRoot() < 1.95)
  }

  @Test(arguments: builds) func asManyNormalsLieBeyondFourSigmaAsShould(_ build: KernelSet) {
    let count = 1_000_000
    var normals = [Float](repeating: 0, count: count)
    build.normalDraws(2, 1, 0, 0, count, 1, &normals)
    let outside = normals.withUnsafeBufferPointer { normals in
      var outside = 0
      for i in 0..<count where normals[i] > 4 || normals[i] < -4 { outside += 1 }
      return outside
    }
    // 63.3 of a million are expected; Poisson's [39, 91] holds but once in a thousand seeds.
    #expect((39...91).contains(outside))
  }
}
