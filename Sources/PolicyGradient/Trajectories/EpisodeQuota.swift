/// Which steps belong to whole trajectories that began in this rollout, a fixed number of them for each environment.
///
/// Fixing the number beforehand, not the steps, keeps the mean over trajectories unbiased: short episodes would
/// otherwise fill the batch.
struct EpisodeQuota {
  private let target: Int
  private var completed: [Int]
  private var running: [Bool]
  private(set) var trajectories = 0

  init(target: Int, environments: Int) {
    self.target = target
    completed = Array(repeating: 0, count: environments)
    running = Array(repeating: false, count: environments)
  }

  /// Called when a rollout begins; `isFresh` returns whether an environment is at the start of an episode.
  mutating func restart(isFresh: (Int) -> Bool) {
    trajectories = 0
    for environment in completed.indices {
      completed[environment] = 0
      running[environment] = isFresh(environment)
    }
  }

  /// Whether the step that the environment is living counts.
  func counts(_ environment: Int) -> Bool { running[environment] }

  /// The trajectory ended with the step just lived.
  mutating func end(_ environment: Int) {
    guard running[environment] else { return }
    completed[environment] += 1
    trajectories += 1
    running[environment] = false
  }

  /// Called when the environment is at the start of an episode.
  mutating func begin(_ environment: Int) { running[environment] = completed[environment] < target }

  var isMet: Bool { completed.allSatisfy { $0 >= target } }
}
