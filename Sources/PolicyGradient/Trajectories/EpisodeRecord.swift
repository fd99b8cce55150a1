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

/// Which steps of a rollout belong to its trajectories: a fixed number of whole trajectories of each environment.
///
/// The number of trajectories is fixed, not the number of steps; otherwise short episodes would fill the batch and the
/// mean over trajectories would be biased.
struct EpisodeQuota {
  let target: Int
  private(set) var completed: [Int]
  private(set) var running: [Bool]
  private(set) var trajectories = 0

  init(target: Int, environments: Int) {
    self.target = target
    completed = Array(repeating: 0, count: environments)
    running = Array(repeating: false, count: environments)
  }

  /// Restores the trajectories of an unfinished rollout from a checkpoint.
  mutating func restore(completed: [Int], running: [Bool]) {
    self.completed = completed
    self.running = running
    trajectories = completed.reduce(0, +)
  }

  /// Called when a rollout begins; `isFresh` returns whether an environment is at the start of an episode.
  mutating func restart(isFresh: (Int) -> Bool) {
    trajectories = 0
    for environment in completed.indices {
      completed[environment] = 0
      running[environment] = isFresh(environment)
    }
  }

  /// Whether the environment's current step belongs to a trajectory.
  func includes(_ environment: Int) -> Bool { running[environment] }

  /// Called when the environment's current step ends its trajectory.
  mutating func end(_ environment: Int) {
    guard running[environment] else { return }
    completed[environment] += 1
    trajectories += 1
    running[environment] = false
  }

  /// Called when the environment is at the start of an episode.
  mutating func begin(_ environment: Int) { running[environment] = completed[environment] < target }

  /// The first environment that has not completed all its trajectories, and how many it has; `nil` if all have.
  var firstLack: (environment: Int, completed: Int)? {
    completed.firstIndex { $0 < target }.map { ($0, completed[$0]) }
  }

  var isMet: Bool { completed.allSatisfy { $0 >= target } }
}
