/// The counters of an agent, and the step of each environment in its episode.
struct AgentProgress {
  var updates: Int64 = 0
  private(set) var timesteps: Int64 = 0
  /// Steps acted so far; the random draws of a step are keyed by it.
  var draws: UInt64 = 0
  /// Steps since each environment's episode began.
  private(set) var ages: [Int32]
  /// Whether an environment's next step only restarts it.
  private(set) var isWaiting: [Bool]
  private(set) var record: EpisodeRecord
  /// Where schedules end; 0 for nowhere.
  var horizon: Int64 = 0
  private var rolloutStart: Int64 = 0

  init(environments: Int) {
    ages = Array(repeating: 0, count: environments)
    isWaiting = Array(repeating: false, count: environments)
    record = EpisodeRecord(environments: environments)
  }

  /// Restores the counters from a file.
  init(
    updates: Int64, timesteps: Int64, draws: UInt64, ages: [Int32], isWaiting: [Bool], record: EpisodeRecord
  ) {
    self.updates = updates
    self.timesteps = timesteps
    self.draws = draws
    self.ages = ages
    self.isWaiting = isWaiting
    self.record = record
    rolloutStart = timesteps
  }

  /// The share of the training that was left when the current rollout began, 1 to 0; 1 without a horizon.
  var remaining: Double { horizon > 0 ? max(0, 1 - Double(rolloutStart) / Double(horizon)) : 1 }

  /// Called when every environment starts an episode.
  mutating func begin() {
    for environment in ages.indices { restart(environment) }
    record.restart()
    rolloutBegan()
  }

  mutating func rolloutBegan() { rolloutStart = timesteps }

  mutating func step(_ environment: Int, reward: Float, ended: Bool) {
    timesteps += 1
    record.step(environment, reward: reward, ended: ended)
    // An episode may outlive the counter, whose steps then weigh no differently any more.
    ages[environment] = ended ? 0 : ages[environment] == .max ? .max : ages[environment] + 1
  }

  mutating func wait(_ environment: Int) { isWaiting[environment] = true }

  mutating func restart(_ environment: Int) {
    isWaiting[environment] = false
    ages[environment] = 0
  }
}
