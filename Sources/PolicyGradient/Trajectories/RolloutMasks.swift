/// The action masks of a rollout, one row of flags for each of its rows.
///
/// Memory is allocated when the first mask is set. Before, every choice is allowed.
final class RolloutMasks {
  /// Flags of one row.
  let flags: Int
  let environments: Int
  var memory: Buffer<UInt8>?
  /// Whether masks were set for the next step.
  var isSet = false

  /// - Parameter flags: ``ActionSpace/flags``; 0 if all actions are continuous.
  init(environments: Int, flags: Int) {
    self.environments = environments
    self.flags = flags
  }

  /// All rows, rows × ``flags``; `nil` if no mask was ever set.
  var all: UnsafePointer<UInt8>? { memory.map { UnsafePointer($0.pointer) } }

  /// Allocates masks for `rows` rows, if there are none yet. Steps before the first mask allow every choice.
  func start(rows: Int) throws(Refusal) {
    guard memory == nil else { return }
    let memory = try Buffer<UInt8>(count: rows * flags)
    memory.elements.update(repeating: 1)
    self.memory = memory
  }

  /// A copy with room for `rows` rows, for ``replace(by:)``; `nil` without masks.
  func grown(rows: Int) throws(Refusal) -> Buffer<UInt8>? { try memory?.grown(to: rows * flags) }

  func replace(by larger: Buffer<UInt8>?) {
    if let larger { memory = larger }
  }

  /// Sets the masks of the step that begins at a row.
  ///
  /// - Parameter isFree: Whether an environment allows every choice, independent of `masks`.
  func set(_ masks: UnsafePointer<UInt8>, at row: Int, isFree: (_ environment: Int) -> Bool) {
    guard let memory else { return }
    for environment in 0..<environments {
      let target = memory.pointer + (row + environment) * flags
      if isFree(environment) {
        target.update(repeating: 1, count: flags)
      } else {
        target.update(from: masks + environment * flags, count: flags)
      }
    }
    isSet = true
  }

  /// Allows every choice in the step that begins at a row, unless its masks were set.
  func complete(at row: Int) {
    guard let memory, !isSet else { return }
    (memory.pointer + row * flags).update(repeating: 1, count: environments * flags)
  }

  /// Called when the observations change: no masks are set for the next step.
  func forget() { isSet = false }
}
