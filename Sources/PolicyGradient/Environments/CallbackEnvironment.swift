/// Environments that the host steps through callbacks. All results are checked before any of them is used.
///
/// The host writes into memory that is filled with NaN before each call, so numbers that it does not write are
/// detected.
package final class CallbackEnvironment: VectorEnvironment {
  package let use = EnvironmentUse()
  package let count: Int
  package let observationSize: Int
  package let parts: [ActionPart]
  package var maxEpisodeSteps: Int? { nil }

  let host: EnvironmentCallbacks
  let space: ActionSpace
  let currentObservations: Buffer<Float>
  private let rewards: Buffer<Float>
  private let terminated: Buffer<UInt8>
  private let truncated: Buffer<UInt8>
  private let nextObservations: Buffer<Float>
  private let finalObservations: Buffer<Float>
  /// Masks of the current observations, and the ones that a callback has just written; empty without that callback.
  let currentMasks: Buffer<UInt8>
  private let nextMasks: Buffer<UInt8>
  var isReset = false
  private var ownsHost = false

  /// - Throws: `.invalidArgument` for a count outside 1 to 1,048,576, an observation size outside 1 to 65,536, or more
  ///   than 2³⁰ numbers in all observations together; `.outOfMemory`.
  package init(_ host: EnvironmentCallbacks) throws(Refusal) {
    try require(host.count, in: 1...Limits.environments, "the number of environments")
    try require(host.observationSize, in: 1...Limits.size, "the observation size")
    let size = host.count * host.observationSize
    try require(size, in: 1...Limits.elements, "environments × observation size")
    space = ActionSpace(host.parts)
    if host.masks != nil && space.flags == 0 {
      throw Refusal(.invalidArgument, "masks is set, but all parts are continuous; it must be NULL")
    }
    let flags = host.masks == nil ? 0 : host.count * space.flags
    try require(flags, in: 0...Limits.elements, "environments × mask size")
    self.count = host.count
    self.observationSize = host.observationSize
    self.parts = host.parts
    self.currentObservations = try Buffer(count: size)
    self.rewards = try Buffer(count: host.count)
    self.terminated = try Buffer(count: host.count)
    self.truncated = try Buffer(count: host.count)
    self.nextObservations = try Buffer(count: size)
    self.finalObservations = try Buffer(count: size)
    self.currentMasks = try Buffer(count: flags)
    self.nextMasks = try Buffer(count: flags)
    self.host = host
  }

  /// Called once the handle exists. From then on, `deinit` calls the host's `destroy`.
  package func takeOwnership() { ownsHost = true }

  deinit {
    if ownsHost { host.destroy?(host.context) }
  }

  package var observations: UnsafePointer<Float>? { isReset ? UnsafePointer(currentObservations.pointer) : nil }

  package var maskSize: Int { nextMasks.count / count }

  package var masks: UnsafePointer<UInt8>? {
    isReset && host.masks != nil ? UnsafePointer(currentMasks.pointer) : nil
  }

  package func reset(seed: UInt64, groupSize: Int) throws(Refusal) {
    nextObservations.elements.update(repeating: .nan)
    let seed = seed &+ UInt64(use.firstNumber)
    try requireSuccess(host.reset(host.context, seed, nextObservations.pointer), "reset")
    try requireFinite(nextObservations, "the first observation")
    try updateMasks(step: use.step)
    currentObservations.pointer.update(from: nextObservations.pointer, count: currentObservations.count)
    isReset = true
  }

  package func step(_ actions: UnsafePointer<Float>, into outputs: borrowing StepOutputs) throws(Refusal) {
    guard isReset else { throw .stepBeforeReset }
    try callStep(actions)
    try requireFinite(rewards, "the reward")
    try requireFinite(nextObservations, "the next observation")
    for row in 0..<count where truncated.pointer[row] != 0 || terminated.pointer[row] != 0 {
      try requireFinalObservation(row)
    }
    try updateMasks(step: use.step + 1)
    copyResults(to: outputs)
    use.step += 1
  }

  private func callStep(_ actions: UnsafePointer<Float>) throws(Refusal) {
    rewards.elements.update(repeating: .nan)
    nextObservations.elements.update(repeating: .nan)
    finalObservations.elements.update(repeating: .nan)
    terminated.elements.update(repeating: 0)
    truncated.elements.update(repeating: 0)
    let result = host.step(
      host.context, actions, rewards.pointer, terminated.pointer, truncated.pointer, nextObservations.pointer,
      finalObservations.pointer)
    try requireSuccess(result, "step")
  }

  /// Asks the host for its masks, and takes them if they are valid.
  ///
  /// - Parameter step: The number of the step that the masks are for.
  private func updateMasks(step: UInt64) throws(Refusal) {
    guard let write = host.masks else { return }
    // No flag is 255, so one that was not written is found.
    nextMasks.elements.update(repeating: .max)
    try requireSuccess(write(host.context, nextMasks.pointer), "masks")
    try inStep("\(step)") { () throws(Refusal) in try checkMasks(nextMasks) }
    currentMasks.pointer.update(from: nextMasks.pointer, count: nextMasks.count)
  }

  private func checkMasks(_ masks: Buffer<UInt8>) throws(Refusal) {
    if let index = masks.elements.firstIndex(of: .max) {
      throw Refusal(
        .invalidArgument,
        "masks[\(index / space.flags), \(index % space.flags)] is 255, or was not written; it must be 0 or 1",
        row: index / space.flags)
    }
    try space.check(masks: masks.pointer, rows: count)
  }

  /// The last observation of a truncated episode is required, since its value is needed. A terminated episode may omit
  /// it.
  private func requireFinalObservation(_ row: Int) throws(Refusal) {
    let mayBeMissing = truncated.pointer[row] == 0
    guard !(mayBeMissing && isUnwritten(row)) else { return }
    let first = finalObservations.pointer + row * observationSize
    for k in 0..<observationSize where !first[k].isFinite {
      let name = "number \(k) of the final observation of environment \(row)"
      throw Refusal(
        .notFinite,
        first[k].isNaN && isUnwritten(row)
          ? "environment \(row) was truncated, but step wrote no final observation for it, or only NaN; it must be finite"
          : "\(name) is \(first[k]); it must be finite")
    }
  }

  private func isUnwritten(_ row: Int) -> Bool {
    let first = finalObservations.pointer + row * observationSize
    for k in 0..<observationSize where !first[k].isNaN { return false }
    return true
  }

  private func copyResults(to outputs: borrowing StepOutputs) {
    for row in 0..<count {
      outputs.terminated[row] = terminated.pointer[row] == 0 ? 0 : 1
      outputs.truncated[row] = truncated.pointer[row] == 0 ? 0 : 1
      if outputs.terminated[row] | outputs.truncated[row] == 1 && !isUnwritten(row) {
        let offset = row * observationSize
        (outputs.finalObservations + offset).update(from: finalObservations.pointer + offset, count: observationSize)
      }
    }
    outputs.rewards.update(from: rewards.pointer, count: count)
    outputs.nextObservations.update(from: nextObservations.pointer, count: currentObservations.count)
    currentObservations.pointer.update(from: nextObservations.pointer, count: currentObservations.count)
  }

  func requireSuccess(_ result: Int32, _ callback: String) throws(Refusal) {
    guard result == 0 else {
      throw Refusal(.hostError, "the \(callback) callback returned \(result); it must return 0 for success")
    }
  }

  /// - Parameter numbers: Equally many for each environment.
  func requireFinite(_ numbers: Buffer<Float>, _ name: String) throws(Refusal) {
    let columns = numbers.count / count
    for i in 0..<numbers.count where !numbers.pointer[i].isFinite {
      let which = columns == 1 ? name : "number \(i % columns) of \(name)"
      throw Refusal(.notFinite, "\(which) of environment \(i / columns) is \(numbers.pointer[i]); it must be finite")
    }
  }
}

/// A checkpoint holds the current observations and masks, and the bytes that the host's callback writes.
extension CallbackEnvironment: StoredEnvironment {
  package var storedKind: StoredKind { StoredKind(.callbacks, count: count, observationSize: observationSize) }

  package func store(in file: inout TensorFile) throws(Refusal) {
    let bytes = isReset ? try hostState() : nil
    var fields = Fields(StoredKind.prefix, in: file)
    fields.set("has_state", bytes != nil)
    file = fields.file
    guard let bytes else { return }
    file.add("env.bytes", bytes, shape: [bytes.count])
    file.add("env.observations", currentObservations, shape: [count, observationSize])
    if maskSize > 0 { file.add("env.masks", currentMasks, shape: [count, maskSize]) }
  }

  /// The bytes of the host's state; `nil` without the callback.
  private func hostState() throws(Refusal) -> Buffer<UInt8>? {
    guard let save = host.saveState else { return nil }
    var size: Int64 = -1
    try requireSuccess(save(host.context, nil, 0, &size), "save_state")
    try require(size, in: 0...Int64(Limits.elements), "the size that the save_state callback wrote")
    let bytes = try Buffer<UInt8>(count: Int(size))
    var written: Int64 = -1
    try requireSuccess(save(host.context, bytes.pointer, size, &written), "save_state")
    try require(
      written == size, "the size that the save_state callback wrote", "\(written)", "be \(size), as in its first call")
    return bytes
  }

  package func restore(from file: TensorFile) throws(Refusal) {
    guard let load = host.loadState else {
      throw Refusal(
        .invalidArgument,
        "env has no load_state callback, but the file holds the state of its environments; it must have one")
    }
    let observations = try Buffer<Float>(count: currentObservations.count)
    try file.read("env.observations", into: observations, shape: [count, observationSize])
    for (place, number) in observations.elements.enumerated() where !number.isFinite {
      throw Refusal(.badFile, "its environment \(place / observationSize) has an observation that is not finite")
    }
    let masks = try Buffer<UInt8>(count: currentMasks.count)
    if maskSize > 0 {
      try file.read("env.masks", into: masks, shape: [count, maskSize])
      do throws(Refusal) {
        try checkMasks(masks)
      } catch {
        throw Refusal(.badFile, "its environments are invalid: \(error.message)")
      }
    }
    let bytes = try file.vector("env.bytes", of: UInt8.self, limit: Limits.elements)
    let result = bytes.withUnsafeBytes { load(host.context, $0.baseAddress, Int64($0.count)) }
    try requireSuccess(result, "load_state")
    currentObservations.pointer.update(from: observations.pointer, count: observations.count)
    currentMasks.pointer.update(from: masks.pointer, count: masks.count)
    isReset = true
  }
}
