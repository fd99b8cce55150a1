/// Returns and lengths of the running episodes, and of the last ones that ended.
struct EpisodeRecord {
  /// The largest ``window``.
  static let largestWindow = 1_000_000

  /// How many ended episodes are kept.
  let window: Int

  private(set) var runningReturns: [Double]
  private(set) var runningLengths: [Int]
  private(set) var returns: [Double] = []
  private(set) var lengths: [Int] = []
  /// Episodes ended so far.
  private(set) var episodes: Int64 = 0

  init(environments: Int, window: Int) {
    self.window = window
    runningReturns = Array(repeating: 0, count: environments)
    runningLengths = Array(repeating: 0, count: environments)
    returns.reserveCapacity(window)
    lengths.reserveCapacity(window)
  }

  /// Restores the record from a checkpoint.
  init(
    runningReturns: [Double], runningLengths: [Int], returns: [Double], lengths: [Int], episodes: Int64, window: Int
  ) {
    self.window = window
    self.runningReturns = runningReturns
    self.runningLengths = runningLengths
    self.returns = returns
    self.lengths = lengths
    self.episodes = episodes
  }

  /// The same ended episodes, and no steps yet in another number of environments.
  func resized(to environments: Int) -> EpisodeRecord {
    EpisodeRecord(
      runningReturns: Array(repeating: 0, count: environments),
      runningLengths: Array(repeating: 0, count: environments),
      returns: returns, lengths: lengths, episodes: episodes, window: window)
  }

  /// Called when every environment resets. Ended episodes stay in the record.
  mutating func restart() {
    for environment in runningReturns.indices { clear(environment) }
  }

  mutating func step(_ environment: Int, reward: Float, ended: Bool) {
    runningReturns[environment] += Double(reward)
    runningLengths[environment] += 1
    guard ended else { return }
    let place = Int(episodes % Int64(window))
    if returns.count < window {
      returns.append(runningReturns[environment])
      lengths.append(runningLengths[environment])
    } else {
      returns[place] = runningReturns[environment]
      lengths[place] = runningLengths[environment]
    }
    episodes += 1
    clear(environment)
  }

  var meanReturn: Double { returns.isEmpty ? .nan : returns.reduce(0, +) / Double(returns.count) }
  var meanLength: Double { lengths.isEmpty ? .nan : totalLength / Double(lengths.count) }
  /// The steps of all kept episodes.
  var totalLength: Double { lengths.reduce(0) { $0 + Double($1) } }

  private mutating func clear(_ environment: Int) {
    runningReturns[environment] = 0
    runningLengths[environment] = 0
  }
}
