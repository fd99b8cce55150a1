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
        throw Refusal(.badFile, error.message)
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
