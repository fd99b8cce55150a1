import Kernels
import Testing

/// The environments' equations are tested where they have names: here is what holds for all of them as kernels.
@Suite struct EnvironmentTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let states: Int
    let observations: Int
    let kernels: @Sendable (KernelSet) -> EnvironmentKernels
  }

  static let kinds = [
    Kind(testDescription: "CartPole", states: 4, observations: 4) { $0.cartPole },
    Kind(testDescription: "Pendulum", states: 2, observations: 3) { $0.pendulum },
    Kind(testDescription: "Acrobot", states: 4, observations: 6) { $0.acrobot },
    Kind(testDescription: "MountainCar", states: 2, observations: 2) { $0.mountainCar },
    Kind(testDescription: "MountainCarContinuous", states: 2, observations: 2) { $0.mountainCarContinuous },
  ]

  /// Environments after one step, with all that the kernels wrote, to the bit.
  struct Stepped: Equatable {
    var states: [UInt64] = []
    var rewards: [UInt32] = []
    var terminated: [UInt8] = []
    var observations: [UInt32] = []
  }

  /// Begins `count` environments of given numbers, puts some far out, steps and observes them.
  static func step(_ kind: Kind, _ build: KernelSet, _ numbers: Range<Int>) -> Stepped {
    let kernels = kind.kernels(build)
    let (count, stride) = (numbers.count, (numbers.count + 7) / 8 * 8)
    var states = [Double](repeating: 0, count: stride * kind.states)
    let actions = Fenced(numbers.map { Float($0 % 2) })
    for (i, number) in numbers.enumerated() {
      for k in 0..<kind.states { states[k * stride + i] = Double((number * 7 + k * 3) % 64) / 64 }
    }
    kernels.begin(count, &states, stride)
    for (i, number) in numbers.enumerated() where number % 3 > 0 {
      for k in 0..<kind.states { states[k * stride + i] *= number % 3 == 1 ? 40 : -2e6 }
    }
    let (rewards, observations) = (Fenced(count), Fenced(count * kind.observations))
    let terminated = Fenced.bytes(Array(repeating: 7, count: count))
    kernels.step(count, &states, stride, actions.last(count), rewards.last(count), terminated.start)
    kernels.observe(count, states, stride, observations.last(count * kind.observations))
    var result = Stepped()
    for i in 0..<count {
      for k in 0..<kind.states { result.states.append(states[k * stride + i].bitPattern) }
    }
    result.rewards = rewards.values(count).map(\.bitPattern)
    result.terminated = withExtendedLifetime(terminated) { (0..<count).map { terminated.start[$0] } }
    result.observations = observations.values(count * kind.observations).map(\.bitPattern)
    return result
  }

  @Test(arguments: builds, kinds) func eachEnvironmentHasTheBitsItHasAlone(_ build: KernelSet, _ kind: Kind) {
    let alone = (0..<70).map { EnvironmentTests.step(kind, build, $0..<$0 + 1) }
    for count in 1...70 {
      let together = EnvironmentTests.step(kind, build, 0..<count)
      #expect(together.states == alone[..<count].flatMap(\.states))
      #expect(together.rewards == alone[..<count].flatMap(\.rewards))
      #expect(together.terminated == alone[..<count].flatMap(\.terminated))
      #expect(together.observations == alone[..<count].flatMap(\.observations))
    }
    #expect(alone.allSatisfy { $0.terminated[0] <= 1 })
  }

  @Test(arguments: builds, kinds) func allBuildsGiveTheSameBits(_ build: KernelSet, _ kind: Kind) {
    #expect(EnvironmentTests.step(kind, build, 0..<64) == EnvironmentTests.step(kind, .baseline, 0..<64))
  }

  @Test(arguments: builds) func episodesBeginWithTheWordsOfTheirRowAndNumber(_ build: KernelSet) {
    let rows: [Int32] = [3, 0, 11, 5, 6, 7, 1, 2, 10, 4]
    let episodes: [UInt64] = [0, 1, 1 << 32, 7, 5, 3, .max, 2, 9, 8, 1 << 40, 6]
    for count in 1...rows.count {
      for (columns, group) in [(2, 1), (4, 1), (4, 5)] {
        let stride = 16
        var result = [Double](repeating: -1, count: columns * stride)
        build.episodeUniforms(9, 3, count, columns, 0, group, rows, episodes, &result, stride)
        for i in 0..<count {
          let row = Int(rows[i])
          var words = [UInt32](repeating: 0, count: 2 * columns)
          build.randomWords(9, 3, episodes[row], row / group * group, 1, words.count, &words)
          for k in 0..<columns {
            let bits = UInt64(words[2 * k] >> 5) << 26 | UInt64(words[2 * k + 1] >> 6)
            #expect(result[k * stride + i] == Double(bits) * 0x1p-53)
          }
        }
      }
    }
  }

  @Test(arguments: builds) func episodesEndByTerminationOrTimeLimit(_ build: KernelSet) {
    // Ages before the step; the limit is 5.
    for count in [1, 4, 7, 8, 9, 20] {
      var episodeSteps = (0..<count).map { Int32($0 % 5) }
      let terminated = Fenced.bytes((0..<count).map { UInt8($0 % 3 == 2 ? 1 : 0) })
      let truncated = Fenced.bytes(Array(repeating: 7, count: count))
      var ended = [Int32](repeating: -1, count: count)
      let found = build.advanceEpisodes(count, 100, 5, &episodeSteps, terminated.start, truncated.start, &ended)
      let flags = withExtendedLifetime((terminated, truncated)) { (0..<count).map { truncated.start[$0] } }
      for number in 0..<count {
        #expect(episodeSteps[number] == Int32(number % 5 + 1))
        #expect(flags[number] == (number % 5 == 4 ? 1 : 0))
      }
      let expected = (0..<count).filter { number in number % 5 == 4 || number % 3 == 2 }
      #expect(ended[..<found].map(Int.init) == expected.map { $0 + 100 })
    }
  }
}
