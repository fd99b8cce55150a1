/// Memory for `count` numbers, owned by this object: aligned to 64 bytes, initially zero, never moved.
///
/// If the system has no memory left, `init` throws, unlike `UnsafeMutablePointer.allocate`, which traps.
package final class Buffer<Element: BitwiseCopyable> {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int
  private let allocation: UnsafeMutableRawPointer

  /// - Parameter count: 0 to ``maximumCount``. An empty buffer also has an address of its own.
  /// - Throws: `.invalidArgument` for a count out of range, `.outOfMemory`.
  package init(count: Int) throws(Refusal) {
    try require(count, in: 0...Self.maximumCount, "a buffer's count")
    let alignment = 64
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    // calloc gets large memory from the system as zero pages, which need not be written.
    guard !overflow, bytes < Int.max - alignment, let allocation = calloc(1, bytes + alignment) else {
      throw Refusal(
        .outOfMemory, "the system has no memory for \(count) elements of \(MemoryLayout<Element>.size) bytes")
    }
    self.allocation = allocation
    self.pointer = allocation.alignedUp(toMultipleOf: alignment).bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit {
    free(allocation)
  }

  /// A longer buffer that begins with the same numbers.
  func grown(to count: Int) throws(Refusal) -> Buffer {
    let larger = try Buffer(count: count)
    larger.pointer.update(from: pointer, count: self.count)
    return larger
  }

  package static var maximumCount: Int { 1 << 30 }

  package var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: pointer, count: count) }
}
