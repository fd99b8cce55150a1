import KernelShims

/// The parameters of a policy as readers on any thread see them: as they are before or after an update, never between.
///
/// During an update, which changes the parameters step by step, readers use a copy of those before it.
final class PublishedParameters {
  private let parameters: Buffer<Float>
  private let readers: ReaderSlots
  /// Made with the first optimizer or agent, since a policy that only acts needs none.
  private var copy: Buffer<Float>?
  /// Whether readers use the copy.
  private let isUpdating: UnsafeMutablePointer<Int64>
  /// 1 from the beginning of an update to its end.
  private let isClaimed: UnsafeMutablePointer<Int64>
  /// Whether no reader uses the parameters themselves. Only the writer uses it.
  private var isFree = false

  init(_ parameters: Buffer<Float>, _ readers: ReaderSlots) {
    self.parameters = parameters
    self.readers = readers
    isUpdating = .allocate(capacity: 1)
    isUpdating.initialize(to: 0)
    isClaimed = .allocate(capacity: 1)
    isClaimed.initialize(to: 0)
  }

  deinit {
    isUpdating.deallocate()
    isClaimed.deallocate()
  }

  /// What a reader who holds a slot reads until it leaves the slot. An agent's own calls need no slot, because updates
  /// begin and end in such calls.
  @inline(__always) var current: UnsafePointer<Float> {
    guard kernel_atomic_load_ordered(isUpdating) != 0, let copy else { return UnsafePointer(parameters.pointer) }
    return UnsafePointer(copy.pointer)
  }

  // MARK: The writer

  /// Makes room for the copy.
  func prepare() throws(Refusal) {
    if copy == nil { copy = try Buffer(count: parameters.count) }
  }

  /// Begins an update: copies the parameters, for readers and for ``restore()``. Refused while another is unfinished.
  func beginUpdate() throws(Refusal) {
    try requireNoUpdate()
    kernel_atomic_store(isClaimed, 1)
    readers.waitForNotedHolders()
    copy?.pointer.update(from: parameters.pointer, count: parameters.count)
    kernel_atomic_store(isUpdating, 1)
    readers.noteHolders()
    isFree = false
  }

  /// Refuses while an update is unfinished.
  func requireNoUpdate() throws(Refusal) {
    guard kernel_atomic_load(isClaimed) == 0 else {
      throw Refusal(
        .badState,
        "the policy has an unfinished update of an agent; complete it first, by pgrad_agent_update_for of that agent")
    }
  }

  /// Waits for readers who still use the parameters themselves. Called in an update before parameters are changed, and
  /// as late as possible, so that usually nobody is left to wait for.
  func waitForReaders() {
    guard !isFree else { return }
    readers.waitForNotedHolders()
    isFree = true
  }

  /// Ends the update.
  func endUpdate() {
    kernel_atomic_store(isUpdating, 0)
    readers.noteHolders()
    kernel_atomic_release(isClaimed)
  }

  /// Ends the update, and undoes it.
  func restore() {
    // While readers may use the parameters, nothing has been changed.
    if isFree, let copy { parameters.pointer.update(from: copy.pointer, count: parameters.count) }
    endUpdate()
  }
}
