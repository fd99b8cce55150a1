/// The counters of an agent, and the step of each environment in its episode.
struct AgentProgress {
  var updates: Int64 = 0
  private(set) var timesteps: Int64 = 0
  /// Steps acted so far. It keys the random draws of the next step.
  var draws: UInt64 = 0
  /// Steps since each environment's episode began.
  private(set) var episodeSteps: [Int32]
  /// Whether each environment's next step only resets it.
  private(set) var isResetting: [Bool]
  private(set) var record: EpisodeRecord
  /// The timestep at which schedules end; 0 for no end.
  var scheduleEnd: Int64 = 0
  /// The timestep at which the current rollout began.
  var rolloutStart: Int64 = 0
  /// With several ranks, what they had counted at their last exchange.
  private(set) var ranks: RankProgress?

  /// - Parameter window: How many ended episodes are kept for statistics.
  init(environments: Int, window: Int) {
    episodeSteps = Array(repeating: 0, count: environments)
    isResetting = Array(repeating: false, count: environments)
    record = EpisodeRecord(environments: environments, window: window)
  }

  /// Restores the counters from a file.
  init(
    updates: Int64, timesteps: Int64, draws: UInt64, episodeSteps: [Int32], isResetting: [Bool], record: EpisodeRecord
  ) {
    self.updates = updates
    self.timesteps = timesteps
    self.draws = draws
    self.episodeSteps = episodeSteps
    self.isResetting = isResetting
    self.record = record
    rolloutStart = timesteps
  }

  /// The same counters at the start of episodes in another number of environments.
  func resized(to environments: Int) -> AgentProgress {
    var result = AgentProgress(
      updates: updates, timesteps: timesteps, draws: draws,
      episodeSteps: Array(repeating: 0, count: environments),
      isResetting: Array(repeating: false, count: environments), record: record.resized(to: environments))
    result.scheduleEnd = scheduleEnd
    return result
  }

  /// The share of the training that remained when the current rollout began, 1 to 0; 1 if schedules do not end.
  var remaining: Double { remaining(at: rolloutStart) }

  /// The share of the training that remains at a timestep.
  func remaining(at timestep: Int64) -> Double {
    scheduleEnd > 0 ? max(0, 1 - Double(timestep) / Double(scheduleEnd)) : 1
  }

  /// Called when the agent joins others, whose counters are equal; or with `false` when it leaves them.
  mutating func joinedRanks(_ joined: Bool = true) { ranks = joined ? RankProgress(timesteps: timesteps, record) : nil }

  /// What this rank has counted since the last exchange; `nil` alone.
  var increments: [Double]? { ranks?.increments(timesteps: timesteps, record) }

  /// Adds what other ranks have counted since the last exchange, given the sums of all increments.
  mutating func exchange(_ sums: [Double]) {
    if let timesteps = ranks?.exchange(sums, ownEpisodes: record.episodes) { self.timesteps = timesteps }
  }

  /// Counts the steps of a given rollout.
  mutating func addTimesteps(_ count: Int64) { timesteps += count }

  /// Called when an environment is inside an episode whose steps so far are unknown.
  mutating func continueEpisode(_ environment: Int) { episodeSteps[environment] = 1 }

  /// Called when every environment starts an episode.
  mutating func begin() {
    for environment in episodeSteps.indices { restart(environment) }
    record.restart()
    rolloutBegan()
  }

  mutating func rolloutBegan() { rolloutStart = timesteps }

  /// - Parameter isCounted: Whether the step is one of ``timesteps``.
  mutating func step(_ environment: Int, reward: Float, ended: Bool, isCounted: Bool = true) {
    if isCounted { timesteps += 1 }
    record.step(environment, reward: reward, ended: ended)
    // In an episode longer than the counter can count, it stays at its maximum.
    episodeSteps[environment] = ended ? 0 : episodeSteps[environment] == .max ? .max : episodeSteps[environment] + 1
  }

  mutating func setResetting(_ environment: Int, _ resets: Bool = true) { isResetting[environment] = resets }

  mutating func restart(_ environment: Int) {
    isResetting[environment] = false
    episodeSteps[environment] = 0
  }
}

/// The hidden states of a policy with a memory, one row per environment.
final class AgentMemory {
  /// The states before the current step.
  private(set) var current: Buffer<Float>
  /// The states after it, between `act` and `observe`.
  private(set) var next: Buffer<Float>
  private let stateSize: Int
  /// Environments × state size.
  let shape: [Int]

  init(environments: Int, stateSize: Int) throws(Refusal) {
    self.stateSize = stateSize
    shape = [environments, stateSize]
    current = try Buffer(count: environments * stateSize)
    next = try Buffer(count: environments * stateSize)
  }

  /// Those of ``current``; `nil` without memory.
  var states: UnsafeMutablePointer<Float>? { stateSize > 0 ? current.pointer : nil }
  /// Receives the states after it.
  var nextStates: UnsafeMutablePointer<Float>? { stateSize > 0 ? next.pointer : nil }

  /// The state of one environment after the current step; `nil` without memory.
  func nextState(of environment: Int) -> UnsafePointer<Float>? {
    nextStates.map { UnsafePointer($0 + environment * stateSize) }
  }

  /// Called when a step is complete.
  func advance() { swap(&current, &next) }
}
