import PolicyGradient

/// A vector environment that samples episodes of a tabular MDP.
///
/// An episode terminates in a terminal state and at the horizon, after which there are no rewards. It is never
/// truncated. The numeric state is the number of the MDP's state.
package final class MDPEnvironment: StatefulEnvironment {
  package let use = EnvironmentUse()
  package let count: Int
  package let observationSize: Int
  package let parts: [ActionPart]
  package let stateSize = 1
  package var maxEpisodeSteps: Int? { nil }

  let mdp: TabularMDP
  private let sampler: StateSampler
  let states: Buffer<Int32>
  let episodeSteps: Buffer<Int32>
  let episodes: Buffer<UInt64>
  private let words: Buffer<UInt32>
  private let currentObservations: Buffer<Float>
  var seed: UInt64 = 0
  var groupSize = 1
  var steps: UInt64 = 0
  var isReset = false

  /// - Parameter count: 1 to 1,048,576.
  package init(_ mdp: TabularMDP, count: Int) throws(Refusal) {
    try require(count, in: 1...Limits.environments, "n_envs")
    let numbers = count * mdp.observationSize
    try require(numbers <= Limits.elements, "n_envs × observation_size", "\(numbers)", "be at most \(Limits.elements)")
    self.mdp = mdp
    self.count = count
    observationSize = mdp.observationSize
    parts = mdp.choices.parts
    sampler = StateSampler(mdp.initial)
    states = try Buffer(count: count)
    episodeSteps = try Buffer(count: count)
    episodes = try Buffer(count: count)
    words = try Buffer(count: count)
    currentObservations = try Buffer(count: numbers)
  }

  package var observations: UnsafePointer<Float>? { isReset ? UnsafePointer(currentObservations.pointer) : nil }

  package func reset(seed: UInt64, groupSize: Int) {
    self.seed = seed
    self.groupSize = groupSize
    steps = 0
    episodes.elements.update(repeating: 0)
    for row in 0..<count { start(row) }
    isReset = true
  }

  package func step(_ actions: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal) {
    guard isReset else { throw .stepBeforeReset }
    KernelSet.best.randomWords(seed, RandomStream.transition.rawValue, steps, use.firstNumber, count, 1, words.pointer)
    steps &+= 1
    for row in 0..<count {
      let action = mdp.choices.decode(actions + row * mdp.choices.columns)
      let pair = Int(states.pointer[row]) * mdp.actions + action
      let (next, reward) = mdp.successors.draw(pair, unitUniform(words.pointer[row]))
      states.pointer[row] = next
      episodeSteps.pointer[row] &+= 1
      let isOver = mdp.isTerminal[Int(next)] || Int(episodeSteps.pointer[row]) == mdp.outline.horizon
      outputs.rewards[row] = reward
      outputs.terminated[row] = isOver ? 1 : 0
      outputs.truncated[row] = 0
      updateObservation(row)
      guard isOver else { continue }
      (outputs.finalObservations + row * observationSize).update(
        from: currentObservations.pointer + row * observationSize, count: observationSize)
      episodes.pointer[row] += 1
      start(row)
    }
    outputs.nextObservations.update(from: currentObservations.pointer, count: currentObservations.count)
  }

  package func copyStates(into result: UnsafeMutablePointer<Double>) {
    for row in 0..<count { result[row] = Double(states.pointer[row]) }
  }

  package func setStates(_ values: UnsafePointer<Double>) throws(Refusal) {
    for row in 0..<count {
      guard let state = Int(exactly: values[row]), (0..<mdp.states).contains(state), !mdp.isTerminal[state] else {
        throw Refusal(
          values[row].isFinite ? .invalidArgument : .notFinite,
          "states[\(row), 0] is \(values[row]); it must be a state from 0 to \(mdp.states - 1) that is not terminal"
        )
      }
    }
    for row in 0..<count {
      states.pointer[row] = Int32(values[row])
      episodeSteps.pointer[row] = 0
      updateObservation(row)
    }
    isReset = true
  }

  /// Begins an episode.
  private func start(_ row: Int) {
    var word: UInt32 = 0
    KernelSet.best.randomWords(
      seed, RandomStream.reset.rawValue, episodes.pointer[row], use.firstNumber + row - row % groupSize, 1, 1, &word)
    states.pointer[row] = sampler.draw(unitUniform(word))
    episodeSteps.pointer[row] = 0
    updateObservation(row)
  }

  func updateObservation(_ row: Int) {
    let observation = mdp.observation(Int(states.pointer[row]))
    let place = currentObservations.pointer + row * observationSize
    for (k, value) in observation.enumerated() { place[k] = value }
  }
}

/// A word as a number uniform on (0, 1).
@inline(__always) func unitUniform(_ word: UInt32) -> Double { (Double(word) + 0.5) * 0x1p-32 }

/// Draws from a fixed distribution over a few states.
struct StateSampler: Sendable {
  private let cumulative: [Double]
  private let last: Int

  init(_ probabilities: [Double]) {
    var sum = 0.0
    cumulative = probabilities.map {
      sum += $0
      return sum
    }
    last = probabilities.lastIndex { $0 > 0 } ?? 0
  }

  /// The first state whose cumulative probability exceeds `uniform`, a number uniform on [0, 1).
  func draw(_ uniform: Double) -> Int32 {
    var (low, high) = (0, last)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] <= uniform { low = middle + 1 } else { high = middle }
    }
    return Int32(low)
  }
}

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
