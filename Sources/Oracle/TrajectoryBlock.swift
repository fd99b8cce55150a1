import PolicyGradient

/// A block of sampled trajectories of an MDP, one for each column of a ``TrajectoryBatch``.
final class TrajectoryBlock {
  /// The pair of rows that are in no trajectory.
  static let noPair: Int32 = -1

  let trajectories: Int
  private let mdp: TabularMDP
  private let length: Int
  private let start: StateSampler
  private let sampler: StepSampler
  /// A table, since a division in every row would take longer.
  private let stateOfPair: [Int]
  private let words: Buffer<UInt32>
  private let states: Buffer<Int32>
  private let rewards: Buffer<Float>
  private let terminated: Buffer<UInt8>
  /// All 0, like `noValues`, since no trajectory is truncated.
  private let truncated: Buffer<UInt8>
  private let noValues: Buffer<Float>
  private let episodeSteps: Buffer<Int32>

  /// state × actions + action of each row, or ``noPair``.
  let pairs: Buffer<Int32>
  /// Rows, if all trajectories have the greatest length.
  var capacity: Int { trajectories * length }

  /// The length of the longest trajectory of the block.
  private(set) var steps = 0

  init(_ mdp: TabularMDP, _ policy: TabularPolicy, trajectories: Int, length: Int) throws(Refusal) {
    self.mdp = mdp
    self.trajectories = trajectories
    self.length = length
    start = StateSampler(mdp.initial)
    sampler = StepSampler(mdp, policy)
    stateOfPair = (0..<mdp.states * mdp.actions).map { $0 / mdp.actions }
    words = try Buffer(count: 2 * trajectories)
    states = try Buffer(count: trajectories)
    let rows = trajectories * length
    rewards = try Buffer(count: rows)
    terminated = try Buffer(count: rows)
    truncated = try Buffer(count: rows)
    noValues = try Buffer(count: rows)
    episodeSteps = try Buffer(count: rows)
    pairs = try Buffer(count: rows)
  }

  /// Samples the trajectories numbered from `first` on. They depend only on the seed and their numbers.
  func sample(seed: UInt64, stream: RandomStream, first: Int) {
    let kernels = KernelSet.best
    kernels.randomWords(seed, stream.rawValue, .max, first, trajectories, 1, words.pointer)
    for column in 0..<trajectories { states.pointer[column] = start.draw(unitUniform(words.pointer[column])) }
    var running = trajectories
    steps = 0
    while steps < length && running > 0 {
      kernels.randomWords(seed, stream.rawValue, UInt64(steps), first, trajectories, 2, words.pointer)
      for column in 0..<trajectories where !advance(column) { running -= 1 }
      steps += 1
    }
  }

  /// Samples one step of one trajectory.
  /// - Returns: `false` if this step ended the trajectory.
  @inline(__always) private func advance(_ column: Int) -> Bool {
    let row = steps * trajectories + column
    let state = Int(states.pointer[column])
    guard state != StepSampler.ended else {
      pairs.pointer[row] = TrajectoryBlock.noPair
      rewards.pointer[row] = 0
      terminated.pointer[row] = 1
      episodeSteps.pointer[row] = -1
      return true
    }
    let step = sampler.draw(state, words.pointer[2 * column], words.pointer[2 * column + 1])
    let isOver = step.next == StepSampler.ended || steps + 1 == length
    pairs.pointer[row] = step.pair
    rewards.pointer[row] = step.reward
    terminated.pointer[row] = isOver ? 1 : 0
    episodeSteps.pointer[row] = Int32(steps)
    states.pointer[column] = isOver ? StepSampler.ended : step.next
    return !isOver
  }

  /// The block as a batch for estimators.
  ///
  /// - Parameter values: V of each row's state; `nil` for estimators that use no values.
  func batch(values: UnsafePointer<Float>?) -> TrajectoryBatch {
    TrajectoryBatch(
      steps: steps, environments: trajectories, rewards: rewards.pointer, terminated: terminated.pointer,
      truncated: truncated.pointer, episodeSteps: episodeSteps.pointer, gamma: mdp.gamma,
      values: values.map { .init(current: $0, final: noValues.pointer, last: noValues.pointer) })
  }

  /// Looks up each row's step and state in a table, layers × states. Writes 0 for rows that are in no trajectory.
  func lookUp(_ table: [Double], into values: UnsafeMutablePointer<Float>) {
    let layer = table.count > mdp.states ? mdp.states : 0
    for step in 0..<steps {
      for row in step * trajectories..<(step + 1) * trajectories {
        let pair = Int(pairs.pointer[row])
        values[row] = pair >= 0 ? Float(table[step * layer + stateOfPair[pair]]) : 0
      }
    }
  }
}
