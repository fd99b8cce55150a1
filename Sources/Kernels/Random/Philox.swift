import KernelShims

/// Philox4x32-10, eight counters at a time: ten rounds of multiply, exchange and key.
///
/// A counter-based generator: the four words of a counter depend only on counter and key.
/// - Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
struct Philox {
  typealias Words = SIMD8<UInt32>

  var word0: Words
  var word1: Words
  var word2: Words
  var word3: Words

  @inline(__always) init(_ counter0: Words, _ counter1: Words, _ counter2: Words, _ counter3: Words, seed: UInt64) {
    (word0, word1, word2, word3) = (counter0, counter1, counter2, counter3)
    var key0 = UInt32(truncatingIfNeeded: seed)
    var key1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let high0 = kernel_high_product8(word0, 0xD251_1F53)
      let high2 = kernel_high_product8(word2, 0xCD9E_8D57)
      let low0 = word0 &* 0xD251_1F53
      let low2 = word2 &* 0xCD9E_8D57
      (word0, word1, word2, word3) = (high2 ^ word1 ^ key0, low2, high0 ^ word3 ^ key1, low0)
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
  }
}
