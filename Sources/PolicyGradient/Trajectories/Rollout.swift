/// The steps of several environments, in time order. A row is one step of one environment; its number is
/// `step × environments + environment`.
final class Rollout {
  /// The value of ``episodeSteps`` for rows that are in no trajectory of the batch.
  static let excluded: Int32 = -1

  let environments: Int
  let packing: ObservationPacking
  let actionSize: Int

  /// Steps stored so far, and steps that there is room for.
  var steps = 0
  private(set) var capacity: Int

  /// Normalised observations, stored as ``packing`` does; one step more than ``capacity``, for the observations to act
  /// on next.
  private(set) var observations: Buffer<Float>
  private(set) var draws: Buffer<Float>
  private(set) var logProbabilities: Buffer<Float>
  private(set) var rewards: Buffer<Float>
  private(set) var terminated: Buffer<UInt8>
  private(set) var truncated: Buffer<UInt8>
  /// V of a truncated episode's last observation; 0 elsewhere.
  private(set) var finalValues: Buffer<Float>
  /// Steps since the trajectory began, or ``excluded``.
  private(set) var episodeSteps: Buffer<Int32>

  let masks: RolloutMasks

  // Only for policies with a memory; empty otherwise.

  /// Floats of the hidden state of one environment.
  let stateSize: Int
  /// The hidden states before each sequence: the first ``sequenceLength`` steps of all environments, the second, ….
  private(set) var states: Buffer<Float>
  /// One step more than ``capacity``: 1 where an episode begins, so the state is zero.
  private(set) var starts: Buffer<UInt8>
  /// Steps of a sequence; 0 for the whole rollout.
  let sequenceLength: Int

  /// Last observations of truncated episodes in their rows, normalised and stored in the same way; empty unless they
  /// are kept.
  private(set) var finalObservations: Buffer<Float>
  let keepsFinalObservations: Bool

  /// - Parameters:
  ///   - flags: ``ActionSpace/flags``.
  ///   - stateSize: Floats of the hidden state of one environment.
  ///   - sequenceLength: Steps after which states are kept; 0 for those before the first step only.
  ///   - keepsFinalObservations: Whether the final values of truncated rows can be computed again.
  init(
    steps: Int, environments: Int, packing: ObservationPacking, actionSize: Int, flags: Int, stateSize: Int = 0,
    sequenceLength: Int = 0, keepsFinalObservations: Bool
  ) throws(Refusal) {
    self.keepsFinalObservations = keepsFinalObservations
    self.environments = environments
    self.packing = packing
    self.actionSize = actionSize
    capacity = steps
    masks = RolloutMasks(environments: environments, flags: flags)
    let rows = steps * environments
    observations = try Buffer(count: (rows + environments) * packing.storedSize)
    draws = try Buffer(count: rows * actionSize)
    logProbabilities = try Buffer(count: rows)
    rewards = try Buffer(count: rows)
    terminated = try Buffer(count: rows)
    truncated = try Buffer(count: rows)
    finalValues = try Buffer(count: rows)
    episodeSteps = try Buffer(count: rows)
    finalObservations = try Buffer(count: keepsFinalObservations ? rows * packing.storedSize : 0)
    self.stateSize = stateSize
    self.sequenceLength = sequenceLength
    let sequences = sequenceLength > 0 ? steps / sequenceLength : 1
    states = try Buffer(count: sequences * environments * stateSize)
    starts = try Buffer(count: stateSize > 0 ? rows + environments : 0)
  }

  var rows: Int { steps * environments }

  /// Whether a row is learned from: it belongs to a trajectory of the batch and is not only the reset of an
  /// environment.
  func isActive(_ row: Int) -> Bool { episodeSteps.pointer[row] != Rollout.excluded }

  /// The first row of the current step.
  var currentRow: Int { rows }

  /// The stored observations to act on, one row for each environment.
  var currentObservations: UnsafeMutablePointer<Float> { observations.pointer + currentRow * packing.storedSize }

  /// Stores the observations to act on, environments × observation size.
  func setObservations(_ observations: UnsafePointer<Float>) {
    packing.pack(observations, rows: environments, into: currentObservations)
  }

  /// Which environments begin an episode at the current step.
  var currentStarts: UnsafeMutablePointer<UInt8> { starts.pointer + currentRow }

  /// Keeps the hidden states before the current step, if a sequence begins with it.
  func keepStates(_ current: UnsafePointer<Float>) {
    guard stateSize > 0, sequenceLength > 0 ? steps % sequenceLength == 0 : steps == 0 else { return }
    let count = environments * stateSize
    let sequence = sequenceLength > 0 ? steps / sequenceLength : 0
    (states.pointer + sequence * count).update(from: current, count: count)
  }

  /// Completes the current step and begins the next.
  func advance() { steps += 1 }

  /// Removes all steps and makes the last observations the first ones. The old first observations are stored in the
  /// place of the last ones, where ``copyObservations(steps:into:)`` reads them.
  func restart() {
    guard steps > 0 else { return }
    let (first, next) = (observations.pointer, currentObservations)
    for index in 0..<environments * packing.storedSize { (first[index], next[index]) = (next[index], first[index]) }
    if stateSize > 0 { starts.pointer.update(from: currentStarts, count: environments) }
    steps = 0
  }

  /// Starts without steps, from the observations to act on next of another rollout.
  func start(after other: Rollout) {
    observations.pointer.update(from: other.currentObservations, count: environments * packing.storedSize)
    if stateSize > 0 { starts.pointer.update(from: other.currentStarts, count: environments) }
    steps = 0
  }

  /// Writes the observations of the first `count` steps; after ``restart()``, of all steps before it.
  func copyObservations(steps count: Int, into target: UnsafeMutablePointer<Float>) {
    let (first, row) = (steps == 0 ? count * environments : 0, packing.storedSize)
    packing.unpack(observations.pointer + first * row, rows: environments, into: target)
    packing.unpack(
      observations.pointer + environments * row, rows: (count - 1) * environments,
      into: target + environments * packing.columns)
  }

  /// Makes room for `wanted` steps. If it throws, nothing has changed.
  func reserve(steps wanted: Int) throws(Refusal) {
    guard wanted > capacity else { return }
    let rows = wanted * environments
    let observations = try observations.grown(to: (rows + environments) * packing.storedSize)
    let draws = try draws.grown(to: rows * actionSize)
    let logProbabilities = try logProbabilities.grown(to: rows)
    let rewards = try rewards.grown(to: rows)
    let terminated = try terminated.grown(to: rows)
    let truncated = try truncated.grown(to: rows)
    let finalValues = try finalValues.grown(to: rows)
    let episodeSteps = try episodeSteps.grown(to: rows)
    let finalObservations = try finalObservations.grown(to: keepsFinalObservations ? rows * packing.storedSize : 0)
    let starts = try starts.grown(to: stateSize > 0 ? rows + environments : 0)
    masks.replace(by: try masks.grown(rows: rows))
    self.starts = starts
    self.observations = observations
    self.draws = draws
    self.logProbabilities = logProbabilities
    self.rewards = rewards
    self.terminated = terminated
    self.truncated = truncated
    self.finalValues = finalValues
    self.episodeSteps = episodeSteps
    self.finalObservations = finalObservations
    capacity = wanted
  }

  /// Stores the last observation of the truncated episode of `row`, if final observations are kept.
  func keepFinalObservation(_ observation: UnsafePointer<Float>, row: Int) {
    guard keepsFinalObservations else { return }
    packing.pack(observation, rows: 1, into: finalObservations.pointer + row * packing.storedSize)
  }

  /// Visits the truncated rows among some with the stored observation of each.
  func forEachTruncated(
    in rows: Range<Int>, _ body: (_ row: Int, _ stored: UnsafePointer<Float>) throws(Refusal) -> Void
  ) throws(Refusal) {
    for row in rows where isTruncated(row) { try body(row, finalObservations.pointer + row * packing.storedSize) }
  }

  /// Whether a row's trajectory was cut after it.
  func isTruncated(_ row: Int) -> Bool { truncated.pointer[row] != 0 && terminated.pointer[row] == 0 }
}
