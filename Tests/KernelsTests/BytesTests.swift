import Testing

@Suite struct BytesTests {
  @Test(arguments: builds) func bytesHoldTheSameNumbers(_ build: KernelSet) {
    for count in Array(0...41) + [256] {
      // 91 and 256 have no common divisor, so 256 of these numbers are all there are.
      let numbers = (0..<count).map { UInt8(truncatingIfNeeded: 91 * $0 + count) }
      let values = Fenced(numbers.map(Float.init))
      let packed = Fenced.bytes(Array(repeating: 0xA5, count: count + 1))
      build.packBytes(values.last(count), count, packed.start + 1)
      withExtendedLifetime(packed.memory) {
        let bytes = Array(UnsafeBufferPointer(start: packed.start, count: count + 1))
        #expect(bytes == [0xA5] + numbers)
        let unpacked = Fenced(count)
        build.unpackBytes(packed.start + 1, count, unpacked.last(count))
        #expect(unpacked.values(count) == numbers.map(Float.init))
      }
    }
  }
}
