/// Returns and lengths of the running episodes, and of the last hundred that ended.
struct EpisodeRecord {
  static let window = 100

  private(set) var runningReturns: [Double]
  private(set) var runningLengths: [Int]
  private(set) var returns: [Double] = []
  private(set) var lengths: [Int] = []
  /// Episodes ended so far.
  private(set) var episodes: Int64 = 0

  init(environments: Int) {
    runningReturns = Array(repeating: 0, count: environments)
    runningLengths = Array(repeating: 0, count: environments)
    returns.reserveCapacity(EpisodeRecord.window)
    lengths.reserveCapacity(EpisodeRecord.window)
  }

  /// Restores the record from a checkpoint.
  init(runningReturns: [Double], runningLengths: [Int], returns: [Double], lengths: [Int], episodes: Int64) {
    self.runningReturns = runningReturns
    self.runningLengths = runningLengths
    self.returns = returns
    self.lengths = lengths
    self.episodes = episodes
  }

  /// Called when every environment resets. Ended episodes stay in the record.
  mutating func restart() {
    for environment in runningReturns.indices { clear(environment) }
  }

  mutating func step(_ environment: Int, reward: Float, ended: Bool) {
    runningReturns[environment] += Double(reward)
    runningLengths[environment] += 1
    guard ended else { return }
    let place = Int(episodes % Int64(EpisodeRecord.window))
    if returns.count < EpisodeRecord.window {
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
  var meanLength: Double { lengths.isEmpty ? .nan : Double(lengths.reduce(0, +)) / Double(lengths.count) }

  private mutating func clear(_ environment: Int) {
    runningReturns[environment] = 0
    runningLengths[environment] = 0
  }
}
