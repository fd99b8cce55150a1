import PolicyGradient
import Testing

struct BufferTests {
  @Test(arguments: [0, 1, 63, 100_000])
  func memoryIsAlignedAndZero(count: Int) throws {
    let buffer = try Buffer<Double>(count: count)
    #expect(UInt(bitPattern: buffer.pointer) % 64 == 0)
    #expect(buffer.count == count && buffer.elements.count == count && buffer.elements.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [-1, Int.min, (1 << 30) + 1, Int.max])
  func aCountOutOfRangeIsRefused(count: Int) {
    let refused = refusal { _ = try Buffer<Float>(count: count) }
    #expect(refused?.message == "a buffer's count is \(count); it must lie in [0, 1073741824]")
  }
}
