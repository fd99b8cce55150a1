import PolicyGradient
import Testing

struct EpisodeRandomTests {
  @Test(
    arguments: [
      (0, 0, 0, 0), (0x1234_5678_9ABC_DEF0, 7, 0x1_0000_0003, 41), (.max, 1_048_575, 0xFFFF_FFFF, .max),
    ] as [(UInt64, Int, UInt64, UInt32)])
  func wordsMatchTheGeneratorForTheEpisodesKey(seed: UInt64, environment: Int, episode: UInt64, step: UInt32) {
    var random = EpisodeRandom(seed: seed, environment: environment, episode: episode, step: step)
    let words = (0..<11).map { _ in random.word() }
    var expected = [UInt32](repeating: 0, count: 11)
    expected.withUnsafeMutableBufferPointer { place in
      guard let first = place.baseAddress else { return }
      KernelSet.best.randomWords(
        seed, RandomStream.environment.rawValue, UInt64(step) | episode << 32, environment, 1, 11, first)
    }
    #expect(words == expected)
  }

  @Test func eachPartOfTheKeyChangesTheWords() {
    let variants = [
      EpisodeRandom(seed: 1, environment: 1, episode: 1, step: 1),
      EpisodeRandom(seed: 2, environment: 1, episode: 1, step: 1),
      EpisodeRandom(seed: 1 << 32 | 1, environment: 1, episode: 1, step: 1),
      EpisodeRandom(seed: 1, environment: 2, episode: 1, step: 1),
      EpisodeRandom(seed: 1, environment: 1, episode: 2, step: 1),
      EpisodeRandom(seed: 1, environment: 1, episode: 1, step: 2),
    ]
    let first = variants.map { variant in
      var random = variant
      return random.word()
    }
    #expect(Set(first).count == variants.count)
  }

  @Test func drawsAreTheWordsScaled() {
    let start = EpisodeRandom(seed: 3, environment: 4, episode: 5, step: 6)
    var (random, words) = (start, start)
    for count in 1...1_000 {
      #expect(random.uniform() == Double(words.word()) / 4_294_967_296)
      #expect(random.below(count) == Int(UInt64(words.word()) * UInt64(count) / 4_294_967_296))
    }
  }

  @Test func belowReachesEveryValueAboutEquallyOften() {
    var random = EpisodeRandom(seed: 8, environment: 0, episode: 0, step: 0)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 { counts[random.below(6)] += 1 }
    // Standard deviation sqrt(60,000 · 1/6 · 5/6) = 91; five of them.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 456 })
  }
}
