import Testing

@Suite struct ChecksTests {
  /// Counts on both sides of whole vectors, and a place for what is wrong: each in turn, or none.
  static let places = (1...21).flatMap { count in (0...count).map { (count: count, wrong: $0) } }

  @Test(arguments: builds) func flagsAreZeroOrOne(_ build: KernelSet) {
    for (count, wrong) in ChecksTests.places {
      for value in [2, 128, 255] as [UInt8] {
        var flags = (0..<count).map { UInt8($0 % 2) }
        if wrong < count { flags[wrong] = value }
        let (memory, start) = Fenced.bytes(flags)
        withExtendedLifetime(memory) { #expect(build.areFlags(start, count) == (wrong == count)) }
      }
    }
  }

  @Test(arguments: builds, [1, 3]) func choicesAreWholeNumbersBelowTheirNumber(_ build: KernelSet, stride: Int) {
    for (rows, wrong) in ChecksTests.places {
      let bad: [Float] = [-1, 3, 0.5, 2.000_000_2, 1e30, -1e30, -.leastNonzeroMagnitude, .infinity, -.infinity, .nan]
      for value in bad {
        // What lies between the columns is not looked at.
        var actions = [Float](repeating: .nan, count: (rows - 1) * stride + 1)
        for row in 0..<rows { actions[row * stride] = Float(row % 3) }
        if wrong < rows { actions[wrong * stride] = value }
        let memory = Fenced(actions)
        #expect(build.areChoices(rows, memory.last(actions.count), stride, 2) == (wrong == rows))
      }
    }
  }

  @Test(arguments: builds) func theLargestChoicesDifferFromTheirNeighbours(_ build: KernelSet) {
    // 2²³ - 1 is the largest valid `last`. At half a step from it there is still another float.
    let last: Float = 8_388_607
    #expect(build.areChoices(1, [last], 1, last))
    #expect(!build.areChoices(1, [last - 0.5], 1, last))
    #expect(!build.areChoices(1, [last + 1], 1, last))
    #expect(build.areChoices(1, [-0.0], 1, last))
  }

  @Test(arguments: builds) func finalValuesMatterWhereAnEpisodeWasOnlyTruncated(_ build: KernelSet) {
    for (count, wrong) in ChecksTests.places {
      for value in [Float.nan, .infinity, -.infinity] {
        for (terminated, truncated) in [(0, 0), (0, 1), (1, 0), (1, 1)] as [(UInt8, UInt8)] {
          var values = [Float](repeating: .greatestFiniteMagnitude, count: count)
          if wrong < count { values[wrong] = value }
          let stops = Fenced.bytes(Array(repeating: terminated, count: count))
          let cuts = Fenced.bytes(Array(repeating: truncated, count: count))
          let memory = Fenced(values)
          let largest = build.largestFinalValue(memory.last(count), stops.start, cuts.start, count)
          let matter = terminated == 0 && truncated == 1
          let expected = !matter ? 0 : wrong < count ? .infinity : count > 0 ? Float.greatestFiniteMagnitude : 0
          withExtendedLifetime((stops, cuts)) { #expect(largest == expected) }
        }
      }
    }
  }

  @Test(arguments: builds) func theLargestMagnitudeIsFoundWhereverItIs(_ build: KernelSet) {
    for (count, place) in ChecksTests.places where place < count {
      for value in [-7, Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
        var values = [Float](repeating: 3, count: count)
        values[place] = value
        let expected = value.isFinite ? abs(value) : .infinity
        let memory = Fenced(values)
        let largest = build.largestMagnitude(memory.last(count), count)
        withExtendedLifetime(memory) { #expect(largest == expected) }
      }
    }
  }
}
