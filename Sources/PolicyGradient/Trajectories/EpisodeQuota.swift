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
