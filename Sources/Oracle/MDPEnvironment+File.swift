import PolicyGradient

extension MDPEnvironment: RestorableEnvironment {
  package var storedKind: StoredKind { StoredKind(.tabular, count: count, observationSize: observationSize) }

  package func snapshot() throws(Refusal) -> EnvironmentSnapshot? {
    guard isReset else { return nil }
    var snapshot = try EnvironmentSnapshot(
      of: self, seed: seed, groupSize: groupSize, episodes: episodes, episodeSteps: episodeSteps)
    snapshot.steps = steps
    return snapshot
  }

  package func restore(_ snapshot: EnvironmentSnapshot) throws(Refusal) {
    try snapshot.checkEpisodeSteps(limit: mdp.outline.horizon > 0 ? mdp.outline.horizon : nil)
    do throws(Refusal) {
      // This also sets the steps of episodes to 0, so it comes first.
      try setStates(snapshot.numbers.pointer)
    } catch {
      throw Refusal(.badFile, "its \(error.message)")
    }
    seed = snapshot.seed
    groupSize = snapshot.groupSize
    steps = snapshot.steps
    episodes.pointer.update(from: snapshot.episodes.pointer, count: count)
    episodeSteps.pointer.update(from: snapshot.episodeSteps.pointer, count: count)
  }

  package func store(in file: inout TensorFile) throws(Refusal) {
    try mdp.store(in: &file)
    try storeSnapshot(in: &file)
  }

  /// Refuses the state of environments of another MDP.
  package func restore(from file: TensorFile) throws(Refusal) {
    guard try TabularMDP(from: file).isSame(as: mdp) else {
      throw Refusal(.invalidArgument, "env is of another MDP than the file's; it must have the same tables")
    }
    try restoreSnapshot(from: file)
  }

  /// The environment of a checkpoint, before its first reset.
  package convenience init(from file: TensorFile, count: Int) throws(Refusal) {
    try self.init(TabularMDP(from: file), count: count)
  }
}
