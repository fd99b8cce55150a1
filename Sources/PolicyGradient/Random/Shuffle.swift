/// Shuffles numbers. The order depends only on `seed` and `step`, and every order is equally likely.
///
/// - Parameters:
///   - group: Numbers of different groups are shuffled independently; less than 2²⁰.
///   - words: Room for `count` random words.
/// - Source: Fisher & Yates, as Durstenfeld, "Algorithm 235: random permutation" (1964).
func shuffleNumbers(
  _ values: UnsafeMutablePointer<Int32>, _ count: Int, seed: UInt64, step: UInt64, group: Int = 0,
  words: UnsafeMutablePointer<UInt32>, _ kernels: KernelSet
) {
  // A rollout may have more rows than the generator has columns, so each 2²⁰ words have a row of their own. A rollout
  // has at most 2³⁰ rows.
  let columns = 1 << 20
  for (row, first) in stride(from: 0, to: count, by: columns).enumerated() {
    kernels.randomWords(
      seed, RandomStream.shuffle.rawValue, step, group << 10 + row, 1, min(columns, count - first), words + first)
  }
  for place in stride(from: count - 1, to: 0, by: -1) {
    let other = Int((UInt64(words[place]) * UInt64(place + 1)) >> 32)
    let value = values[place]
    values[place] = values[other]
    values[other] = value
  }
}
