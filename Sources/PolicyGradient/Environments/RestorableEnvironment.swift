/// An environment inside the library, which a snapshot resumes exactly, even in the middle of episodes.
package protocol RestorableEnvironment: StoredEnvironment {
  /// Numbers in the state of one environment.
  var stateSize: Int { get }

  /// The state; `nil` before the first reset.
  func snapshot() throws(Refusal) -> EnvironmentSnapshot?

  /// Resumes from a snapshot of as many environments, whose numbers may come from a damaged file. Observations, and
  /// masks if any, are computed from it.
  /// - Throws: `.badFile` for numbers that are no state; then nothing has changed.
  func restore(_ snapshot: EnvironmentSnapshot) throws(Refusal)
}

extension RestorableEnvironment {
  package func store(in file: inout TensorFile) throws(Refusal) { try storeSnapshot(in: &file) }

  package func restore(from file: TensorFile) throws(Refusal) { try restoreSnapshot(from: file) }

  /// Adds the state alone.
  package func storeSnapshot(in file: inout TensorFile) throws(Refusal) {
    let snapshot = try snapshot()
    var fields = Fields(StoredKind.prefix, in: file)
    fields.set("has_state", snapshot != nil)
    file = fields.file
    snapshot?.store(in: &file)
  }

  /// Restores what ``storeSnapshot(in:)`` wrote.
  package func restoreSnapshot(from file: TensorFile) throws(Refusal) {
    try restore(EnvironmentSnapshot(from: file, count: count, stateSize: stateSize))
  }
}

/// The state of every environment, with all that the random numbers of later steps depend on.
package struct EnvironmentSnapshot {
  /// Of the last reset.
  package var seed: UInt64 = 0
  package var groupSize = 1
  /// Steps since the last reset, if random numbers depend on them.
  package var steps: UInt64 = 0
  /// Environments × state size.
  package let numbers: Buffer<Double>
  /// Which episode each environment is in, counted from the last reset.
  package let episodes: Buffer<UInt64>
  package let episodeSteps: Buffer<Int32>

  package init(count: Int, stateSize: Int) throws(Refusal) {
    numbers = try Buffer(count: count * stateSize)
    episodes = try Buffer(count: count)
    episodeSteps = try Buffer(count: count)
  }

  /// The state of an environment whose parts have the layout of a snapshot.
  package init(
    of environment: any StatefulEnvironment, seed: UInt64, groupSize: Int, episodes: Buffer<UInt64>,
    episodeSteps: Buffer<Int32>
  ) throws(Refusal) {
    try self.init(count: environment.count, stateSize: environment.stateSize)
    self.seed = seed
    self.groupSize = groupSize
    environment.copyStates(into: numbers.pointer)
    self.episodes.pointer.update(from: episodes.pointer, count: environment.count)
    self.episodeSteps.pointer.update(from: episodeSteps.pointer, count: environment.count)
  }

  func store(in file: inout TensorFile) {
    var fields = Fields(StoredKind.prefix, in: file)
    fields.set("seed", seed)
    fields.set("group_size", groupSize)
    fields.set("steps", steps)
    file = fields.file
    file.add("env.states", numbers, shape: [episodes.count, numbers.count / max(episodes.count, 1)])
    file.add("env.episodes", episodes, shape: [episodes.count])
    file.add("env.episode_steps", episodeSteps, shape: [episodes.count])
  }

  init(from file: TensorFile, count: Int, stateSize: Int) throws(Refusal) {
    try self.init(count: count, stateSize: stateSize)
    let fields = Fields(StoredKind.prefix, in: file)
    seed = try fields.get("seed")
    steps = try fields.get("steps")
    groupSize = try fields.get("group_size")
    guard (1...count).contains(groupSize) else {
      throw Refusal(.badFile, "its \"env.group_size\" is \(groupSize); it must lie in [1, \(count)]")
    }
    try file.read("env.states", into: numbers, shape: [count, stateSize])
    try file.read("env.episodes", into: episodes, shape: [count])
    try file.read("env.episode_steps", into: episodeSteps, shape: [count])
  }

  /// Refuses steps of episodes that are negative, or at least `limit`.
  package func checkEpisodeSteps(limit: Int?) throws(Refusal) {
    let limit = limit ?? .max
    for (row, steps) in episodeSteps.elements.enumerated() where steps < 0 || Int(steps) >= limit {
      throw Refusal(.badFile, "its environment \(row) is at step \(steps) of its episode, which ends by step \(limit)")
    }
  }

  package static func badState(_ row: Int) -> Refusal {
    Refusal(.badFile, "its environment \(row) has numbers that are no state")
  }
}
