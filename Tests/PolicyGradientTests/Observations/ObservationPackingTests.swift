import Testing

@testable import PolicyGradient

@Suite struct ObservationPackingTests {
  /// Images of 15 and 8 numbers, before and between the other parts.
  private static let parts: [ObservationPart] = [
    .image(ImageShape(height: 3, width: 5, channels: 1)), .vector(2), .choice(4),
    .image(ImageShape(height: 2, width: 2, channels: 2)), .vector(1),
  ]
  private static let columns = 15 + 2 + 1 + 8 + 1

  private func packing(_ parts: [ObservationPart], columns: Int) -> ObservationPacking {
    ObservationPacking(parts, columns: columns, .best)
  }

  private func observations(_ rows: Int) -> [Float] {
    var random = TestRandom(41)
    func bytes(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.below(256)) } }
    var result: [Float] = []
    for _ in 0..<rows {
      result += bytes(15)
      result += random.normals(2)
      result.append(Float(random.below(4)))
      result += bytes(8)
      result += random.normals(1)
    }
    return result
  }

  @Test func aStoredRowHoldsFloatsThenBytes() throws {
    let columns = ObservationPackingTests.columns
    let packing = packing(ObservationPackingTests.parts, columns: columns)
    // 4 floats and 23 bytes, in whole floats.
    #expect(packing.storedSize == 4 + 6)
    let observations = observations(3)
    let stored = try Buffer<Float>(count: 3 * packing.storedSize)
    packing.pack(observations, rows: 3, into: stored.pointer)
    for row in 0..<3 {
      let numbers = Array(observations[row * columns..<(row + 1) * columns])
      let place = UnsafeRawPointer(stored.pointer + row * packing.storedSize)
      for (index, column) in [15, 16, 17, 26].enumerated() {
        #expect(place.load(fromByteOffset: 4 * index, as: Float.self) == numbers[column])
      }
      for (index, column) in (Array(0..<15) + Array(18..<26)).enumerated() {
        #expect(Float(place.load(fromByteOffset: 16 + index, as: UInt8.self)) == numbers[column])
      }
    }
  }

  @Test func floatImagesAreStoredAsTheyAre() throws {
    let packing = packing([.vector(1), .image(ImageShape(height: 2, width: 2, channels: 1), .floatImage)], columns: 5)
    #expect(!packing.hasBytes && packing.storedSize == 5)
    let stored = try Buffer<Float>(count: 5)
    packing.pack([1, -0.5, 300, 1e-9, 0.25], rows: 1, into: stored.pointer)
    #expect(stored.array == [1, -0.5, 300, 1e-9, 0.25])
  }

  @Test(arguments: [true, false]) func unpackedRowsAreThoseThatWereStored(_ hasBytes: Bool) throws {
    let columns = ObservationPackingTests.columns
    let packing = packing(hasBytes ? ObservationPackingTests.parts : [], columns: columns)
    #expect(packing.hasBytes == hasBytes)
    let observations = observations(5)
    let stored = try Buffer<Float>(count: 5 * packing.storedSize)
    packing.pack(observations, rows: 5, into: stored.pointer)
    let result = try Buffer<Float>(count: 5 * columns)
    packing.unpack(stored.pointer, rows: 5, into: result.pointer)
    #expect(Array(result.elements) == observations)
    packing.gather([4, 0, 2], count: 3, of: stored.pointer, into: result.pointer)
    for (place, number) in [4, 0, 2].enumerated() {
      #expect(row(Array(result.elements), place, columns) == row(observations, number, columns))
    }
  }
}
