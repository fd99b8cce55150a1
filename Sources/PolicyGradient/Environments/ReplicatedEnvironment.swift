/// A vector environment of `count` copies of one ``ScalarEnvironment``.
///
/// Copies do not influence each other: each depends on the seed, its index, its episode number and its actions. Steps
/// and resets allocate nothing.
package final class ReplicatedEnvironment<Scalar: ScalarEnvironment>: VectorEnvironment {
  package let use = EnvironmentUse()
  package let count: Int
  package let observationSize = Scalar.observationSize
  package let parts = Scalar.parts
  package let observationParts = Scalar.observationParts
  package let maxEpisodeSteps = Scalar.maxEpisodeSteps

  /// One copy: its state, the number of its episode since the last reset, and the steps of that episode.
  private struct Copy: BitwiseCopyable {
    var scalar: Scalar
    var episode: UInt64
    var step: UInt32
  }

  private let copies: Buffer<Copy>
  private let currentObservations: Buffer<Float>
  private let flags: Buffer<UInt8>
  private let flagsPerCopy: Int
  private let columns: Int
  /// The step at which an episode is truncated; 2³² - 1 for never.
  private let lastStep: UInt32
  private var seed: UInt64 = 0
  private var groupSize = 1
  private var isReset = false

  /// - Parameter count: 1 to 1,048,576.
  /// - Throws: `.invalidArgument` for a count out of range or more than 2³⁰ floats of observations, `.outOfMemory`.
  package init(count: Int) throws(Refusal) {
    try require(count, in: 1...Limits.environments, "the number of environments")
    try require(count * Scalar.observationSize, in: 1...Limits.elements, "environments × observation size")
    self.count = count
    let space = ActionSpace(Scalar.parts)
    columns = space.columns
    flagsPerCopy = Scalar.hasMasks ? space.flags : 0
    lastStep = Scalar.maxEpisodeSteps.map { UInt32(clamping: $0) } ?? .max
    copies = try Buffer(count: count)
    currentObservations = try Buffer(count: count * Scalar.observationSize)
    flags = try Buffer(count: count * flagsPerCopy)
    copies.elements.initialize(repeating: Copy(scalar: Scalar(), episode: 0, step: 0))
  }

  package var observations: UnsafePointer<Float>? { isReset ? UnsafePointer(currentObservations.pointer) : nil }

  package var maskSize: Int { flagsPerCopy }

  package var masks: UnsafePointer<UInt8>? { isReset && Scalar.hasMasks ? UnsafePointer(flags.pointer) : nil }

  package func reset(seed: UInt64, groupSize: Int) {
    self.seed = seed
    self.groupSize = groupSize
    for row in 0..<count {
      copies.pointer[row].episode = 0
      begin(row)
    }
    isReset = true
  }

  package func step(_ actions: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal) {
    guard isReset else { throw .stepBeforeReset }
    for row in 0..<count {
      let copy = copies.pointer + row
      copy.pointee.step &+= 1
      var random = EpisodeRandom(
        seed: seed, environment: use.firstNumber + row, episode: copy.pointee.episode, step: copy.pointee.step)
      let outcome = copy.pointee.scalar.step(actions + row * columns, random: &random)
      let isTruncated = copy.pointee.step >= lastStep
      outputs.rewards[row] = outcome.reward
      outputs.terminated[row] = outcome.isTerminated ? 1 : 0
      outputs.truncated[row] = isTruncated ? 1 : 0
      if outcome.isTerminated || isTruncated {
        copy.pointee.scalar.observe(into: outputs.finalObservations + row * observationSize)
        copy.pointee.episode &+= 1
        begin(row)
      } else {
        observe(row)
      }
    }
    outputs.nextObservations.update(from: currentObservations.pointer, count: currentObservations.count)
  }

  /// Starts the episode whose number the copy holds. All copies of a group use the random words of the group's first.
  private func begin(_ row: Int) {
    let copy = copies.pointer + row
    copy.pointee.step = 0
    var random = EpisodeRandom(
      seed: seed, environment: use.firstNumber + row - row % groupSize, episode: copy.pointee.episode, step: 0)
    copy.pointee.scalar.reset(random: &random)
    observe(row)
  }

  private func observe(_ row: Int) {
    copies.pointer[row].scalar.observe(into: currentObservations.pointer + row * observationSize)
    guard Scalar.hasMasks else { return }
    let first = flags.pointer + row * flagsPerCopy
    first.update(repeating: 1, count: flagsPerCopy)
    copies.pointer[row].scalar.writeMask(to: first)
  }
}

extension ReplicatedEnvironment: RestorableEnvironment {
  package var storedKind: StoredKind {
    StoredKind(.native, name: Scalar.name, count: count, observationSize: observationSize)
  }

  package var stateSize: Int { Scalar.stateSize }

  package func snapshot() throws(Refusal) -> EnvironmentSnapshot? {
    guard isReset else { return nil }
    var snapshot = try EnvironmentSnapshot(count: count, stateSize: stateSize)
    snapshot.seed = seed
    snapshot.groupSize = groupSize
    for row in 0..<count {
      let copy = copies.pointer[row]
      copy.scalar.writeState(to: snapshot.numbers.pointer + row * stateSize)
      snapshot.episodes.pointer[row] = copy.episode
      snapshot.episodeSteps.pointer[row] = Int32(bitPattern: copy.step)
    }
    return snapshot
  }

  package func restore(_ snapshot: EnvironmentSnapshot) throws(Refusal) {
    // Without a limit, any 32 bits count steps.
    if maxEpisodeSteps != nil { try snapshot.checkEpisodeSteps(limit: maxEpisodeSteps) }
    let restored = try Buffer<Copy>(count: count)
    for row in 0..<count {
      guard let scalar = Scalar(state: snapshot.numbers.pointer + row * stateSize) else {
        throw EnvironmentSnapshot.badState(row)
      }
      restored.pointer[row] = Copy(
        scalar: scalar, episode: snapshot.episodes.pointer[row],
        step: UInt32(bitPattern: snapshot.episodeSteps.pointer[row]))
    }
    copies.pointer.update(from: restored.pointer, count: count)
    seed = snapshot.seed
    groupSize = snapshot.groupSize
    for row in 0..<count { observe(row) }
    isReset = true
  }
}
