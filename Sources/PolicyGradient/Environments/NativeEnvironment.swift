/// Environments that run ``Dynamics`` inside the library.
///
/// The initial state of an episode is drawn from random words keyed by (seed, environment, episode); environments of a
/// group all use the number of the first. So initial states depend neither on the number of environments nor on when
/// episodes end. Steps and resets allocate nothing.
final class NativeEnvironment: StatefulEnvironment {
  package let use = EnvironmentUse()
  let count: Int
  var observationSize: Int { dynamics.observationSize }
  var stateSize: Int { dynamics.stateSize }
  let parts: [ActionPart]
  var maxEpisodeSteps: Int? { dynamics.maxEpisodeSteps }

  private let dynamics: Dynamics
  private let kernels = KernelSet.best
  /// Distance between columns of ``states``: `count`, rounded up to whole vectors.
  private let stride: Int
  /// One column for each number of the state.
  private let states: Buffer<Double>
  private let currentObservations: Buffer<Float>
  private let episodeSteps: Buffer<Int32>
  /// Which episode each environment is in, counted from the last reset.
  private let episodes: Buffer<UInt64>
  /// The environments that begin an episode, and their first states and observations. Each block uses its own part.
  private let startingRows: Buffer<Int32>
  private let firstStates: Buffer<Double>
  private let firstObservations: Buffer<Float>
  private var seed: UInt64 = 0
  private var groupSize = 1
  private var isReset = false

  /// Environments that are stepped together; few enough that their numbers stay in cache.
  private static let blockSize = 128

  /// - Parameter count: 1 to 1,048,576.
  init(_ dynamics: Dynamics, count: Int) throws(Refusal) {
    try require(count, in: 1...Limits.environments, "the number of environments")
    self.count = count
    self.dynamics = dynamics
    parts = [dynamics.part]
    stride = (count + 7) / 8 * 8
    states = try Buffer(count: stride * dynamics.stateSize)
    currentObservations = try Buffer(count: count * dynamics.observationSize)
    episodeSteps = try Buffer(count: count)
    episodes = try Buffer(count: count)
    startingRows = try Buffer(count: count)
    firstStates = try Buffer(count: stride * dynamics.stateSize)
    firstObservations = try Buffer(count: count * dynamics.observationSize)
  }

  var observations: UnsafePointer<Float>? { isReset ? UnsafePointer(currentObservations.pointer) : nil }

  func reset(seed: UInt64, groupSize: Int) {
    self.seed = seed
    self.groupSize = groupSize
    episodes.elements.update(repeating: 0)
    for index in 0..<blockCount {
      let (first, rows) = block(index)
      for row in first..<first + rows { startingRows.pointer[row] = Int32(row) }
      begin(first, rows)
    }
    isReset = true
  }

  func step(_ actions: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal) {
    guard isReset else { throw .stepBeforeReset }
    for index in 0..<blockCount { step(index, actions, outputs) }
  }

  private func step(_ index: Int, _ actions: UnsafePointer<Float>, _ outputs: borrowing StepOutputs) {
    let (first, rows) = block(index)
    let width = observationSize
    dynamics.kernels.step(
      rows, states.pointer + first, stride, actions + first, outputs.rewards + first, outputs.terminated + first)
    updateObservations(first, rows)
    let ended = kernels.advanceEpisodes(
      rows, first, Int32(dynamics.maxEpisodeSteps), episodeSteps.pointer + first, outputs.terminated + first,
      outputs.truncated + first, startingRows.pointer + first)
    for place in first..<first + ended {
      let row = Int(startingRows.pointer[place])
      copyRow(currentObservations.pointer, row, to: outputs.finalObservations, row)
      episodes.pointer[row] += 1
    }
    begin(first, ended)
    (outputs.nextObservations + first * width).update(
      from: currentObservations.pointer + first * width, count: rows * width)
  }

  func copyStates(into result: UnsafeMutablePointer<Double>) {
    for row in 0..<count {
      for k in 0..<stateSize { result[row * stateSize + k] = states.pointer[k * stride + row] }
    }
  }

  func setStates(_ values: UnsafePointer<Double>) throws(Refusal) {
    for i in 0..<count * stateSize {
      try requireState(values[i], "states[\(i / stateSize), \(i % stateSize)]")
    }
    setStateColumns(values)
    episodeSteps.elements.update(repeating: 0)
    updateObservations(0, count)
    isReset = true
  }

  private func setStateColumns(_ values: UnsafePointer<Double>) {
    for row in 0..<count {
      for k in 0..<stateSize { states.pointer[k * stride + row] = values[row * stateSize + k] }
    }
  }

  private func requireState(_ value: Double, _ name: @autoclosure () -> String) throws(Refusal) {
    guard value.isFinite else { throw Refusal(.notFinite, "\(name()) is \(value); it must be finite") }
    try require(value, in: -1_000_000...1_000_000, name())
  }

  /// No episode that begins in a state within the limits of ``setStates(_:)`` leads to a larger number.
  private static let largestStored = 1e7

  private var blockCount: Int { (count + NativeEnvironment.blockSize - 1) / NativeEnvironment.blockSize }

  private func block(_ index: Int) -> (first: Int, rows: Int) {
    let first = index * NativeEnvironment.blockSize
    return (first, min(NativeEnvironment.blockSize, count - first))
  }

  /// Recomputes the observations.
  private func updateObservations(_ first: Int, _ rows: Int) {
    dynamics.kernels.observe(
      rows, states.pointer + first, stride, currentObservations.pointer + first * observationSize)
  }

  /// Begins episodes in the first `beginning` environments of ``startingRows``, counted from the block's part.
  private func begin(_ first: Int, _ beginning: Int) {
    guard beginning > 0 else { return }
    let rows = startingRows.pointer + first
    let fresh = firstStates.pointer + first
    kernels.episodeUniforms(
      seed, RandomStream.reset.rawValue, beginning, stateSize, use.firstNumber, groupSize,
      rows, episodes.pointer, fresh, stride)
    dynamics.kernels.begin(beginning, fresh, stride)
    dynamics.kernels.observe(beginning, fresh, stride, firstObservations.pointer + first * observationSize)
    for i in 0..<beginning {
      let row = Int(rows[i])
      for k in 0..<stateSize { states.pointer[k * stride + row] = fresh[k * stride + i] }
      copyRow(firstObservations.pointer, first + i, to: currentObservations.pointer, row)
      episodeSteps.pointer[row] = 0
    }
  }

  private func copyRow(
    _ source: UnsafeMutablePointer<Float>, _ row: Int, to target: UnsafeMutablePointer<Float>, _ targetRow: Int
  ) {
    for k in 0..<observationSize { target[targetRow * observationSize + k] = source[row * observationSize + k] }
  }
}

extension NativeEnvironment: RestorableEnvironment {
  var storedKind: StoredKind {
    StoredKind(.native, name: dynamics.name, count: count, observationSize: observationSize)
  }

  func snapshot() throws(Refusal) -> EnvironmentSnapshot? {
    guard isReset else { return nil }
    return try EnvironmentSnapshot(
      of: self, seed: seed, groupSize: groupSize, episodes: episodes, episodeSteps: episodeSteps)
  }

  func restore(_ snapshot: EnvironmentSnapshot) throws(Refusal) {
    try snapshot.checkEpisodeSteps(limit: dynamics.maxEpisodeSteps)
    for (place, number) in snapshot.numbers.elements.enumerated()
    where !(abs(number) <= NativeEnvironment.largestStored) {
      throw EnvironmentSnapshot.badState(place / stateSize)
    }
    seed = snapshot.seed
    groupSize = snapshot.groupSize
    setStateColumns(snapshot.numbers.pointer)
    episodes.pointer.update(from: snapshot.episodes.pointer, count: count)
    episodeSteps.pointer.update(from: snapshot.episodeSteps.pointer, count: count)
    updateObservations(0, count)
    isReset = true
  }
}

extension Refusal {
  package static var stepBeforeReset: Refusal {
    Refusal(.badState, "step was called before reset; reset the environment first")
  }
}
