/// The masks under which the actions of a rollout were drawn, one row of flags for each of its rows.
///
/// Memory is taken when the first mask arrives; until then every choice counts as allowed.
final class RolloutMasks {
  /// Flags of one row.
  let flags: Int
  private let environments: Int
  private var memory: Buffer<UInt8>?
  /// Whether the step to act on has masks of its own.
  private var isSet = false

  /// - Parameter flags: ``ActionSpace/flags``; 0 where actions have no choices to mask.
  init(environments: Int, flags: Int) {
    self.environments = environments
    self.flags = flags
  }

  /// All rows, rows × ``flags``; `nil` if no mask was ever set.
  var all: UnsafeMutablePointer<UInt8>? { memory?.pointer }

  /// Makes room for masks, in a rollout with room for so many rows. Steps before the first mask allow everything.
  func start(rows: Int) throws(Refusal) {
    guard memory == nil else { return }
    let memory = try Buffer<UInt8>(count: rows * flags)
    memory.elements.update(repeating: 1)
    self.memory = memory
  }

  /// The larger memory for so many rows, for ``replace(by:)``.
  func grown(rows: Int) throws(Refusal) -> Buffer<UInt8>? {
    guard let memory else { return nil }
    let larger = try Buffer<UInt8>(count: rows * flags)
    larger.elements.update(repeating: 1)
    larger.pointer.update(from: memory.pointer, count: memory.count)
    return larger
  }

  func replace(by larger: Buffer<UInt8>?) {
    if let larger { memory = larger }
  }

  /// Sets the masks of the step that begins at a row.
  ///
  /// - Parameter isFree: Environments in which everything is allowed, whatever `masks` holds.
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

  /// Allows everything in the step that begins at a row, unless it has masks of its own.
  func complete(at row: Int) {
    guard let memory, !isSet else { return }
    (memory.pointer + row * flags).update(repeating: 1, count: environments * flags)
  }

  /// Forgets that the step to act on has masks: it will show other observations.
  func forget() { isSet = false }
}
