/// The random words of one step of one episode, in order.
///
/// Each word is a function of (seed, environment, episode, step) and its index alone. It does not depend on the number
/// of environments, on other environments, or on how many words earlier steps took. Step 0 is the reset.
///
/// Word k is word `k % 4` of the Philox4x32-10 counter (step, episode, environment, stream << 20 | k / 4) under the key
/// (low half of the seed, high half), with the stream ``RandomStream/environment``. Episode and step enter with their
/// low 32 bits.
package struct EpisodeRandom {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var block = SIMD4<UInt32>()
  private var index = 0

  package init(seed: UInt64, environment: Int, episode: UInt64, step: UInt32) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = SIMD4(
      step, UInt32(truncatingIfNeeded: episode), UInt32(truncatingIfNeeded: environment),
      UInt32(RandomStream.environment.rawValue) << 20)
  }

  /// The next word, uniform over all 2³² values.
  @inline(__always) package mutating func word() -> UInt32 {
    if index == 0 {
      block = philox(counter, key)
      counter.w &+= 1
    }
    let word = block[index]
    index = (index + 1) & 3
    return word
  }

  /// Uniform on [0, 1), in steps of 2⁻³²: word · 2⁻³².
  @inline(__always) package mutating func uniform() -> Double { Double(word()) * 0x1p-32 }

  /// Uniform over 0 to `count` - 1: ⌊word · count / 2³²⌋.
  ///
  /// - Parameter count: 1 to 2³¹; each value's probability is off by less than 2⁻³².
  @inline(__always) package mutating func below(_ count: Int) -> Int {
    Int((UInt64(word()) &* UInt64(truncatingIfNeeded: count)) >> 32)
  }
}

/// The four words of one Philox4x32-10 counter.
///
/// - Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
@inline(__always) private func philox(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>) -> SIMD4<UInt32> {
  var (word0, word1, word2, word3) = (counter.x, counter.y, counter.z, counter.w)
  var (key0, key1) = (key.x, key.y)
  for _ in 0..<10 {
    let product0 = UInt64(word0) &* 0xD251_1F53
    let product2 = UInt64(word2) &* 0xCD9E_8D57
    (word0, word1, word2, word3) = (
      UInt32(truncatingIfNeeded: product2 >> 32) ^ word1 ^ key0, UInt32(truncatingIfNeeded: product2),
      UInt32(truncatingIfNeeded: product0 >> 32) ^ word3 ^ key1, UInt32(truncatingIfNeeded: product0)
    )
    key0 &+= 0x9E37_79B9
    key1 &+= 0xBB67_AE85
  }
  return SIMD4(word0, word1, word2, word3)
}

/// What random numbers are drawn for. A seed, a stream, a step and a row identify a draw; each purpose has its own
/// stream.
///
/// The values are part of every seeded result, so they never change.
package enum RandomStream: Int, Sendable {
  case initialization = 1
  case shuffle, reset
  case transition = 16
  case garnet, laboratory, pilot
  case exploration
  case environment = 32

  /// Part i of an action space draws from stream `firstAction + i`.
  static let firstAction = 1_024
}
