import KernelShims

/// The note of a policy, which readers on any thread read while it is replaced.
final class PublishedNote {
  private final class Text {
    let text: String
    init(_ text: String) { self.text = text }
  }

  /// The address of a retained ``Text``; 0 for none.
  private let address: UnsafeMutablePointer<Int64>

  init() {
    address = .allocate(capacity: 1)
    address.initialize(to: 0)
  }

  deinit {
    PublishedNote.object(at: kernel_atomic_load(address))?.release()
    address.deallocate()
  }

  /// The note, for a reader who holds a slot.
  var text: String {
    PublishedNote.object(at: kernel_atomic_load_ordered(address))?._withUnsafeGuaranteedRef { $0.text } ?? ""
  }

  /// Replaces the note. The old one is released when no reader uses it.
  func replace(with text: String, _ readers: ReaderSlots) {
    let old = PublishedNote.object(at: kernel_atomic_load(address))
    kernel_atomic_store(address, Int64(Int(bitPattern: Unmanaged.passRetained(Text(text)).toOpaque())))
    guard let old else { return }
    readers.noteHolders()
    readers.waitForNotedHolders()
    old.release()
  }

  private static func object(at address: Int64) -> Unmanaged<Text>? {
    UnsafeRawPointer(bitPattern: Int(address)).map(Unmanaged.fromOpaque)
  }
}
