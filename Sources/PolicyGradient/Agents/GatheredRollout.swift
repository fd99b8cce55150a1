/// Steps that an agent gathers without learning from them, as the environments gave them: what a ``GivenRollout``
/// points to.
package final class GatheredRollout {
  /// Steps of a full rollout, and those gathered so far.
  package let capacity: Int
  package private(set) var steps = 0
  /// The number of the first environment in the keys of draws.
  let firstEnvironment: Int

  private let environments: Int
  private let observationSize: Int
  /// One step more than ``capacity``: the observations after the rollout.
  private let observations: Buffer<Float>
  private let draws: Buffer<Float>
  private let logProbabilities: Buffer<Float>
  private let rewards: Buffer<Float>
  private let terminated: Buffer<UInt8>
  private let truncated: Buffer<UInt8>
  private let active: Buffer<UInt8>
  private let states: Buffer<Float>
  private let starts: Buffer<UInt8>
  private let masks: RolloutMasks
  /// Allocated with the first episode that is truncated.
  private var finalObservations: Buffer<Float>?

  init(steps: Int, firstEnvironment: Int, environments: Int, for policy: Policy) throws(Refusal) {
    capacity = steps
    self.firstEnvironment = firstEnvironment
    self.environments = environments
    observationSize = policy.observationSize
    let rows = steps * environments
    observations = try Buffer(count: (rows + environments) * observationSize)
    draws = try Buffer(count: rows * policy.actionSize)
    logProbabilities = try Buffer(count: rows)
    rewards = try Buffer(count: rows)
    terminated = try Buffer(count: rows)
    truncated = try Buffer(count: rows)
    active = try Buffer(count: rows)
    states = try Buffer(count: environments * policy.stateSize)
    starts = try Buffer(count: environments)
    masks = RolloutMasks(environments: environments, flags: policy.maskSize)
  }

  var isFull: Bool { steps == capacity }

  /// Sets the observations to act on next.
  func setObservations(_ current: UnsafePointer<Float>) {
    let count = environments * observationSize
    (observations.pointer + steps * count).update(from: current, count: count)
  }

  /// Removes all steps and keeps the observations to act on next.
  func restart() {
    let count = environments * observationSize
    observations.pointer.update(from: observations.pointer + steps * count, count: count)
    steps = 0
  }

  /// Stores what the first step begins with.
  func begin(states current: UnsafePointer<Float>?, isStart: (_ environment: Int) -> Bool) {
    if let current { states.pointer.update(from: current, count: states.count) }
    for environment in 0..<environments { starts.pointer[environment] = isStart(environment) ? 1 : 0 }
  }

  /// Allocates memory that only some rollouts need.
  func reserve(masks needsMasks: Bool, finalObservations needsFinal: Bool) throws(Refusal) {
    let rows = capacity * environments
    if needsMasks { try masks.start(rows: rows) }
    if needsFinal, finalObservations == nil { finalObservations = try Buffer(count: rows * observationSize) }
  }

  /// Adds a step that was drawn in the first row of an agent's rollout.
  ///
  /// - Parameters:
  ///   - isResetting: Whether the step only resets an environment.
  ///   - needsFinal: Whether the last observations of truncated episodes were checked and are stored.
  func append(_ drawn: Rollout, _ result: StepResult, isResetting: (_ environment: Int) -> Bool, needsFinal: Bool) {
    let row = steps * environments
    let columns = drawn.actionSize
    (draws.pointer + row * columns).update(from: drawn.draws.pointer, count: environments * columns)
    (logProbabilities.pointer + row).update(from: drawn.logProbabilities.pointer, count: environments)
    if let allowed = drawn.masks.all { masks.set(allowed, at: row) { _ in false } }
    for environment in 0..<environments {
      let (row, isActive) = (row + environment, !isResetting(environment))
      active.pointer[row] = isActive ? 1 : 0
      rewards.pointer[row] = isActive ? result.rewards[environment] : 0
      terminated.pointer[row] = isActive ? result.terminated[environment] : 0
      truncated.pointer[row] = isActive ? result.truncated[environment] : 0
      guard isActive, needsFinal, result.isTruncated(environment), let last = result.finalObservations else { continue }
      (finalObservations?.pointer.advanced(by: row * observationSize))?
        .update(from: last + environment * observationSize, count: observationSize)
    }
    steps += 1
  }

  /// The arrays; valid until the next step is added.
  package var arrays: GivenRollout {
    var given = GivenRollout(
      steps: steps, environments: environments, observations: observations.pointer, actions: draws.pointer,
      areDraws: true, rewards: rewards.pointer, terminated: terminated.pointer, truncated: truncated.pointer)
    given.logProbabilities = UnsafePointer(logProbabilities.pointer)
    given.finalObservations = finalObservations.map { UnsafePointer($0.pointer) }
    given.masks = masks.all
    given.states = states.count > 0 ? UnsafePointer(states.pointer) : nil
    given.starts = UnsafePointer(starts.pointer)
    given.active = UnsafePointer(active.pointer)
    return given
  }
}
